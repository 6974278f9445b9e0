import { type AliasedRawBuilder, sql } from 'kysely'

/**
 * Columns of intervals, read as seconds. As text they would come in whatever style the database or the session is set
 * to. Selected after `selectAll`, they take the place of the columns themselves.
 */
export function seconds<Column extends string>(...columns: Column[]): AliasedRawBuilder<number | null, Column>[] {
  return columns.map((column) => sql<number | null>`extract(epoch from ${sql.ref(column)})::float8`.as(column))
}
