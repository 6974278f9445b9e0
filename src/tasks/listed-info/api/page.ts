import { z } from 'zod'
import { PermanentError } from '../../../errors.ts'
import type { DateText } from '../calendar.ts'
import { TransientError } from './failures.ts'

/** One company on one day, by the names of the columns that it is kept in. */
export interface ListedInfo {
  /** The day the data applies to, as J-Quants says: not always the day that was asked for. */
  readonly date: DateText
  /** 5 characters. */
  readonly code: string
  readonly company_name: string
  readonly company_name_english: string | null
  readonly sector_17_code: string | null
  readonly sector_17_code_name: string | null
  readonly sector_33_code: string | null
  readonly sector_33_code_name: string | null
  readonly scale_category: string | null
  readonly market_code: string | null
  readonly market_code_name: string | null
  /** Absent below the Standard plan. */
  readonly margin_code: string | null
  readonly margin_code_name: string | null
  readonly product_category: string | null
}

export interface Page {
  readonly rows: readonly ListedInfo[]
  /** What to ask for the next page with; null on the last one. */
  readonly nextKey: string | null
}

const text = z
  .string()
  .nullish()
  .transform((value) => value || null)

const pageSchema = z.object({
  data: z.array(
    z
      .object({
        Date: z.iso.date(),
        Code: z.string().min(1),
        CoName: z.string().min(1),
        CoNameEn: text,
        S17: text,
        S17Nm: text,
        S33: text,
        S33Nm: text,
        ScaleCat: text,
        Mkt: text,
        MktNm: text,
        Mrgn: text,
        MrgnNm: text,
        ProdCat: text,
      })
      .transform(
        (row): ListedInfo => ({
          date: row.Date,
          code: row.Code,
          company_name: row.CoName,
          company_name_english: row.CoNameEn,
          sector_17_code: row.S17,
          sector_17_code_name: row.S17Nm,
          sector_33_code: row.S33,
          sector_33_code_name: row.S33Nm,
          scale_category: row.ScaleCat,
          market_code: row.Mkt,
          market_code_name: row.MktNm,
          margin_code: row.Mrgn,
          margin_code_name: row.MrgnNm,
          product_category: row.ProdCat,
        }),
      ),
  ),
  pagination_key: text,
})

/**
 * Reads the body of a 2xx answer of `/v2/equities/master`. Unknown keys pass; empty strings become null.
 * @throws TransientError `broken_json` for what isn't JSON, as a cut connection or a proxy's page leaves it
 * @throws PermanentError `unexpected_answer` for JSON of another shape, naming the place
 */
export function parsePage(body: string): Page {
  const parsed = pageSchema.safeParse(parseJson(body))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const place = issue?.path.join('.') || 'the body'
    throw new PermanentError('unexpected_answer', `J-Quants sent an unexpected answer: ${place}: ${issue?.message}`)
  }
  return { rows: parsed.data.data, nextKey: parsed.data.pagination_key }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new TransientError('broken_json', `J-Quants sent ${body.length} characters that are not JSON`)
  }
}
