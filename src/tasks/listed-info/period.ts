import {
  addDays,
  type DateText,
  FIRST_DATA_DATE,
  nextBusinessDay,
  parseDate,
  rollForward,
  tokyoDate,
} from './calendar.ts'
import type { ListedInfoPayload } from './payload.ts'

export interface Period {
  /** The calendar days that were asked for, both included. */
  readonly from: DateText
  readonly to: DateText
  /** The days to fetch, ascending, each once. */
  readonly dates: readonly DateText[]
}

/**
 * Turns a payload into the days to fetch.
 *
 * `7days` and `30days` are calendar days that end yesterday, so 30 days are about 21 business days. A day without data
 * of its own becomes the one whose data J-Quants would answer with: the next business day, the first day of all, or,
 * for the future, the next business day after today. What then repeats falls away before anything is fetched.
 *
 * @param payload a payload that its schema has accepted
 * @param reference the instant that "yesterday" is counted from: the run's nominal instant, so that a retry after
 *   midnight and a caught-up or backfilled run fetch the days that they stand for
 * @param now the present, which bounds the days there can be data for
 */
export function planPeriod(payload: ListedInfoPayload, reference: Date, now: Date): Period {
  const { from, to } = calendarRange(payload, reference)
  const horizon = nextBusinessDay(tokyoDate(now))
  const dates = new Set<DateText>()
  for (let day = from; day <= to; day = addDays(day, 1)) dates.add(dayWithData(day, horizon))
  return { from, to, dates: [...dates] }
}

function calendarRange(payload: ListedInfoPayload, reference: Date): { from: DateText; to: DateText } {
  const yesterday = addDays(tokyoDate(reference), -1)
  switch (payload.period_type) {
    case 'yesterday':
      return { from: yesterday, to: yesterday }
    case '7days':
      return { from: addDays(yesterday, -6), to: yesterday }
    case '30days':
      return { from: addDays(yesterday, -29), to: yesterday }
    case 'custom':
      return { from: chosenDate(payload.from_date), to: chosenDate(payload.to_date) }
  }
}

function chosenDate(text: string | null | undefined): DateText {
  const date = parseDate(text ?? '')
  if (date === null) throw new TypeError('a custom period needs the two dates that its schema checks')
  return date
}

function dayWithData(day: DateText, horizon: DateText): DateText {
  if (day < FIRST_DATA_DATE) return FIRST_DATA_DATE
  return day > horizon ? horizon : rollForward(day)
}
