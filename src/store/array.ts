import { type RawBuilder, sql } from 'kysely'

/**
 * Postgres' text for an array of ids, numbers or words. Nothing is quoted: writing thousands of each is a good part of what
 * a batch costs here.
 */
export function arrayOf<Item>(items: readonly Item[], pick: (item: Item) => string | number | null): string {
  let text = ''
  for (const item of items) text += `${text === '' ? '' : ','}${pick(item)}`
  return `{${text}}`
}

/**
 * An instant that was sent as Unix milliseconds, exactly: writing and reading ISO 8601 takes several times as long, and
 * `to_timestamp` is a microsecond off in centuries to come.
 */
export function fromMs(column: string): RawBuilder<Date> {
  return sql`timestamptz 'epoch' + ${sql.ref(column)} * interval '1 millisecond'`
}
