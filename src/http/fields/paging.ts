import { z } from 'zod'
import { invalidField } from '../problem.ts'
import { integerInQuery } from './in-query.ts'
import { text } from './text.ts'

/** Totals are exact up to here, and pages go no further: a longer list is followed by its cursor. */
export const mostCounted = 10_000

/** Which part of a list: by the cursor of the page before, or by number. */
export const pageQuery = {
  per_page: integerInQuery(1, 200).optional().describe('How many at most; 50 when left out'),
  cursor: text.max(2_000).optional().describe('`meta.next_cursor` of the page before; any length of list can be followed so'),
  page: integerInQuery(1, 1_000_000)
    .optional()
    .describe(`By number instead, up to ${mostCounted} entries from the start`),
}

interface PageQuery {
  readonly per_page?: number | undefined
  readonly cursor?: string | undefined
  readonly page?: number | undefined
}

/** What to read: one more than is shown, to know whether there are more. */
export interface Page {
  readonly perPage: number
  readonly limit: number
  readonly offset: number
  readonly number: number | null
}

export function toPage({ per_page: perPage = 50, cursor, page }: PageQuery): Page {
  if (cursor !== undefined && page !== undefined) throw invalidField('page', 'give a cursor or a page, not both')
  const offset = ((page ?? 1) - 1) * perPage
  if (offset >= mostCounted) throw invalidField('page', `pages end at ${mostCounted} entries`, 'Follow meta.next_cursor.')
  return { perPage, limit: perPage + 1, offset, number: cursor === undefined ? (page ?? 1) : null }
}

const pageMeta = z
  .object({
    page: z.int().nullable().describe('null where a cursor was followed'),
    per_page: z.int(),
    total: z.int().nullable().describe(`How many there are, counted up to ${mostCounted}; null where a cursor was followed`),
    total_pages: z.int().nullable(),
    total_is_exact: z.boolean().describe('Whether the counting came to the end'),
    next_cursor: z.string().nullable().describe('null on the last page'),
  })
  .meta({ id: 'PageMeta' })

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), meta: pageMeta })
}

interface Found<Row> {
  /** As many as `limit` asked for. */
  readonly rows: readonly Row[]
  cursorAfter(row: Row): string
  /** Asked only where it doesn't show. */
  count(): Promise<number>
}

/** The rows to show and what to say of them. */
export async function toPageAnswer<Row>(page: Page, { rows, cursorAfter, count }: Found<Row>) {
  const { perPage, limit, offset, number } = page
  const shown = rows.slice(0, perPage)
  const last = shown.at(-1)
  const hasMore = rows.length === limit && last !== undefined
  const isEnd = !hasMore && (shown.length > 0 || offset === 0)
  const total = number === null ? null : isEnd ? offset + shown.length : Math.min(mostCounted, await count())
  return {
    shown,
    meta: {
      page: number,
      per_page: perPage,
      total,
      total_pages: total === null ? null : Math.ceil(total / perPage),
      total_is_exact: total !== null && total < mostCounted,
      next_cursor: hasMore ? cursorAfter(last) : null,
    },
  }
}
