import { z } from 'zod'
import { daysInRange, parseDate } from './calendar.ts'

/** The longest custom range: one leap year, about 245 requests. */
const MAX_SPAN_DAYS = 366

/** Market segments as J-Quants codes them (`Mkt`); those before 0111 ended in April 2022, but for 0105 and 0109. */
const MARKETS = ['0101', '0102', '0104', '0105', '0106', '0107', '0109', '0111', '0112', '0113'] as const

const date = z
  .string()
  .regex(/^(\d{4}-\d{2}-\d{2}|\d{8})$/, 'must be a date like 2026-11-20 or 20261120')
  .refine((text) => parseDate(text) !== null, 'must be a day that exists')

/**
 * What to fetch. Unknown keys are let through and ignored.
 *
 * `from_date` and `to_date` count only with `period_type: 'custom'` and are ignored otherwise, since clients send the
 * fields of their form whatever the period is.
 */
export const listedInfoPayload = z
  .object({
    period_type: z
      .enum(['yesterday', '7days', '30days', 'custom'])
      .default('yesterday')
      .describe(
        'yesterday: the day before the run in Asia/Tokyo. 7days, 30days: that many calendar days up to yesterday. ' +
          'custom: from_date to to_date. Days the exchange is closed become its next business day.',
      ),
    from_date: date.nullish().describe('First day, YYYY-MM-DD or YYYYMMDD; only for custom.'),
    to_date: date
      .nullish()
      .describe(`Last day, included; only for custom, at most ${MAX_SPAN_DAYS} days with from_date.`),
    codes: z
      .array(z.string().regex(/^[0-9A-Z]{4,5}$/, 'must be a code of 4 or 5 characters like 1301 or 13010'))
      .nullish()
      .describe('Only these companies. 4 characters mean the common stock. Null or empty: all.'),
    market: z.enum(MARKETS).nullish().describe('Only this market segment: 0111 Prime, 0112 Standard, 0113 Growth, …'),
  })
  .superRefine((payload, context) => {
    if (payload.period_type !== 'custom') return
    const from = payload.from_date ? parseDate(payload.from_date) : null
    const to = payload.to_date ? parseDate(payload.to_date) : null
    for (const key of ['from_date', 'to_date'] as const) {
      if (!payload[key]) context.addIssue({ code: 'custom', path: [key], message: 'is needed for period_type custom' })
    }
    if (!from || !to) return
    if (from > to) {
      context.addIssue({ code: 'custom', path: ['from_date'], message: 'must not be after to_date' })
    } else if (daysInRange(from, to) > MAX_SPAN_DAYS) {
      context.addIssue({ code: 'custom', path: ['to_date'], message: `is more than ${MAX_SPAN_DAYS} days away` })
    }
  })

export type ListedInfoPayload = z.output<typeof listedInfoPayload>
