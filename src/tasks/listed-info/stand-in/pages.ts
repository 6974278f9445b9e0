import { createHash } from 'node:crypto'

/** Where a page starts: the query it belongs to and its first row. */
export interface PageStart {
  readonly query: string
  readonly offset: number
}

/** The key that asks for a page; says nothing to a client, and is another one for each page. */
export function pageKey({ query, offset }: PageStart): string {
  const content = `${offset}|${query}`
  return Buffer.from(`${seal(content)}|${content}`).toString('base64url')
}

/** Where the page of a key starts; null for a key that was never given out for the query. */
export function openPageKey(key: string, query: string): PageStart | null {
  const [sealed, offset, ...rest] = Buffer.from(key, 'base64url').toString().split('|')
  const intact = rest.join('|') === query && sealed === seal(`${offset}|${query}`)
  return intact ? { query, offset: Number(offset) } : null
}

/** How many rows from an offset fit a page, at least one. */
export function rowsThatFit(rows: readonly unknown[], offset: number, pageBytes: number): number {
  let bytes = 0
  for (let index = offset; index < rows.length; index++) {
    bytes += Buffer.byteLength(JSON.stringify(rows[index])) + 1
    if (bytes > pageBytes) return Math.max(1, index - offset)
  }
  return rows.length - offset
}

function seal(content: string): string {
  return createHash('sha256').update(`stand-in|${content}`).digest('hex').slice(0, 12)
}
