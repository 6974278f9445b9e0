import holidayJp from '@holiday-jp/holiday_jp'

/** A calendar date in Japan, `YYYY-MM-DD`; such strings sort by time. */
export type DateText = string

/** The first day that J-Quants has data for. */
export const FIRST_DATA_DATE: DateText = '2008-05-07'

const DAY_MS = 86_400_000
/** Japan has had no clock changes since 1951, so its offset is a constant. */
const TOKYO_OFFSET_MS = 9 * 3_600_000

/** The calendar date in Asia/Tokyo at an instant. */
export function tokyoDate(instant: Date): DateText {
  return new Date(instant.getTime() + TOKYO_OFFSET_MS).toISOString().slice(0, 10)
}

/** Minutes since midnight in Asia/Tokyo at an instant. */
export function tokyoMinuteOfDay(instant: Date): number {
  return Math.floor(((instant.getTime() + TOKYO_OFFSET_MS) % DAY_MS) / 60_000)
}

export function addDays(date: DateText, days: number): DateText {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10)
}

/** How many days a range has, both ends included. */
export function daysInRange(from: DateText, to: DateText): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1
}

/**
 * The same day as `YYYY-MM-DD`, or null where no such day exists.
 * @param text `YYYY-MM-DD` or `YYYYMMDD`
 */
export function parseDate(text: string): DateText | null {
  const parts = /^(\d{4})(-?)(\d{2})\2(\d{2})$/.exec(text)
  if (!parts) return null
  const date = `${parts[1]}-${parts[3]}-${parts[4]}`
  const instant = new Date(`${date}T00:00:00Z`)
  // 31 February parses as 3 March: only a date that comes back unchanged exists.
  return !Number.isNaN(instant.getTime()) && instant.toISOString().slice(0, 10) === date ? date : null
}

/** Looked up by string: holiday_jp gives wrong answers for a `Date` in some zones, and searches a list at each call. */
const nationalHolidays: ReadonlySet<DateText> = new Set(Object.keys(holidayJp.holidays))

export function isNationalHoliday(date: DateText): boolean {
  return nationalHolidays.has(date)
}

export function isWeekend(date: DateText): boolean {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay()
  return weekday === 0 || weekday === 6
}

/** 31 December to 3 January, when the exchange is closed whatever the weekday. */
export function isYearEnd(date: DateText): boolean {
  const day = date.slice(5)
  return day === '12-31' || day <= '01-03'
}

/** Whether the Tokyo Stock Exchange trades on a date. */
export function isBusinessDay(date: DateText): boolean {
  return !isWeekend(date) && !isYearEnd(date) && !isNationalHoliday(date)
}

/** The date itself where it is a business day, else the next one. */
export function rollForward(date: DateText): DateText {
  let day = date
  while (!isBusinessDay(day)) day = addDays(day, 1)
  return day
}

/** The first business day after a date. */
export function nextBusinessDay(date: DateText): DateText {
  return rollForward(addDays(date, 1))
}
