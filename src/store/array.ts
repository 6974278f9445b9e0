import { type RawBuilder, sql } from 'kysely'

/** Postgres' text for an array. Most elements are ids, numbers or words, and quoting those is a good part of what a batch costs. */
export function arrayOf<Item>(items: readonly Item[], pick: (item: Item) => string | number | null): string {
  let text = ''
  for (const item of items) {
    const value = pick(item)
    text += `${text === '' ? '' : ','}${typeof value === 'string' ? element(value) : value}`
  }
  return `{${text}}`
}

function element(text: string): string {
  return /^[\w:+.-]+$/.test(text) && !/^null$/i.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`
}

/**
 * An instant that was sent as Unix milliseconds, exactly: that is cheaper to write and to read than ISO 8601, and
 * `to_timestamp` is a microsecond off in centuries to come.
 */
export function fromMs(column: string): RawBuilder<Date> {
  return sql`timestamptz 'epoch' + ${sql.ref(column)} * interval '1 millisecond'`
}
