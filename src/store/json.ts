/** What jsonb refuses, as JSON.stringify writes it: a NUL character, or half of a surrogate pair. */
const refused = /\\u(0000|d[89a-f])/

/**
 * A value as jsonb takes it: without NUL characters and lone surrogates, in keys too. null for what JSON doesn't have.
 * @throws what JSON.stringify throws, for what is circular or a bigint
 */
export function toJson(value: unknown): string | null {
  if (value === undefined || value === null) return null
  const json = JSON.stringify(value) as string | undefined
  if (json === undefined) return null
  return refused.test(json) ? JSON.stringify(JSON.parse(json), withAcceptedText) : json
}

/** Text as Postgres takes it: without NUL characters and lone surrogates. */
export function toText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}

function withAcceptedText(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return toText(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [toText(key), inner]))
}
