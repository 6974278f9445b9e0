import { z } from 'zod'
import type { Page } from '../../store/page.ts'
import { invalidField } from '../problem.ts'
import { integerInQuery } from './in-query.ts'
import { text } from './text.ts'

/** Totals are exact up to here, and pages go no further: a longer list is followed by its cursor. */
export const mostCounted = 10_000

/** Which part of a list: by the cursor of the page before, or by number. */
export const pageQuery = {
  per_page: integerInQuery(1, 200).optional().describe('How many at most; 50 when left out'),
  cursor: text
    .max(2_000)
    .optional()
    .describe('`meta.next_cursor` of the page before; any length of list can be followed so'),
  page: integerInQuery(1, 1_000_000)
    .optional()
    .describe(`By number instead, up to ${mostCounted} entries from the start`),
}

export interface PageQuery {
  readonly per_page?: number | undefined
  readonly cursor?: string | undefined
  readonly page?: number | undefined
}

/** Which part to read. */
export interface PagePart {
  readonly limit: number
  readonly offset: number
  /** null where a cursor is followed. */
  readonly number: number | null
}

export function toPart({ per_page: limit = 50, cursor, page }: PageQuery): PagePart {
  if (cursor !== undefined && page !== undefined) throw invalidField('page', 'give a cursor or a page, not both')
  const offset = ((page ?? 1) - 1) * limit
  if (offset >= mostCounted)
    throw invalidField('page', `pages end at ${mostCounted} entries`, 'Follow meta.next_cursor.')
  return { limit, offset, number: cursor === undefined ? (page ?? 1) : null }
}

const pageMeta = z
  .object({
    page: z.int().nullable().describe('null where a cursor was followed'),
    per_page: z.int(),
    total: z
      .int()
      .nullable()
      .describe(`How many there are, counted up to ${mostCounted}; null where a cursor was followed`),
    total_pages: z.int().nullable(),
    total_is_exact: z.boolean().describe('Whether the counting came to the end'),
    next_cursor: z.string().nullable().describe('null on the last page'),
  })
  .meta({ id: 'PageMeta' })

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), meta: pageMeta })
}

interface Reading<Row, Key> {
  read(): Promise<Page<Row, Key>>
  /** How many there are; above `mostCounted` it means more than that. */
  count(): Promise<number>
  toCursor(next: Key): string
}

/**
 * A page and what is said of it, both asked for at once: counting takes as long as reading. Who follows a cursor has been
 * told the total, and the last page tells it by itself.
 */
export async function readPage<Row, Key>(
  { limit, offset, number }: PagePart,
  { read, count, toCursor }: Reading<Row, Key>,
) {
  const [{ rows, next }, found] = await Promise.all([read(), number === null ? null : count()])
  const isLast = next === null && (rows.length > 0 || offset === 0)
  const counted = found !== null && isLast ? offset + rows.length : found
  const total = counted === null ? null : Math.min(mostCounted, counted)
  const meta = {
    page: number,
    per_page: limit,
    total,
    total_pages: total === null ? null : Math.ceil(total / limit),
    total_is_exact: counted !== null && counted <= mostCounted,
    next_cursor: next === null ? null : toCursor(next),
  }
  return { rows, meta }
}
