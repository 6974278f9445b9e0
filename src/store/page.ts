import { type RawBuilder, sql } from 'kysely'

/** A part of a list. `next` is where the following part begins, to be given as `after`; null = this was the last one. */
export interface Page<Row, Key> {
  readonly rows: Row[]
  readonly next: Key | null
}

/** The page of `limit` rows that the first of `limit` + 1 by id make. */
export function toPage<Row extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
): Page<Row, { id: string }> {
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return { rows: rows.slice(0, limit), next: last === undefined ? null : { id: last.id } }
}

/** An instant of a row as text, to the microsecond, which `Date` leaves out. */
export function instantText(column: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
}

/** Conditions that all hold. */
export function all(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `)
}
