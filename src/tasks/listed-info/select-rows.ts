import type { ListedInfo } from './api/page.ts'

export interface RowFilter {
  /** Codes of 4 or 5 characters; null or empty: all. */
  readonly codes: readonly string[] | null
  /** `Mkt` code; null: all. */
  readonly market: string | null
}

/**
 * The rows to save, one a company and day, by code. Of a row that J-Quants repeats the last one counts.
 *
 * The order is not only for looks: two runs that save the same day lock its rows in the same order.
 */
export function selectRows(rows: readonly ListedInfo[], { codes, market }: RowFilter): ListedInfo[] {
  const wanted = codes?.length ? new Set(codes.map(commonStock)) : null
  const chosen = new Map<string, ListedInfo>()
  for (const row of rows) {
    if (wanted && !wanted.has(row.code)) continue
    if (market && row.market_code !== market) continue
    chosen.set(row.code, row)
  }
  return [...chosen.values()].sort((a, b) => (a.code < b.code ? -1 : 1))
}

/** J-Quants reads a code of 4 characters as the company's common stock, whose fifth one is 0. */
function commonStock(code: string): string {
  return code.length === 4 ? `${code}0` : code
}
