import { z } from 'zod'

/** Which part of a list: `page` from 1, `per_page` from 1 to 200. */
export const pageQuery = {
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  per_page: z.coerce.number().int().min(1).max(200).default(50),
}

interface Page {
  readonly page: number
  readonly per_page: number
}

export function toLimit({ page, per_page }: Page): { limit: number; offset: number } {
  return { limit: per_page, offset: (page - 1) * per_page }
}

export function pageMeta({ page, per_page }: Page, total: number) {
  return { page, per_page, total, total_pages: Math.ceil(total / per_page) }
}
