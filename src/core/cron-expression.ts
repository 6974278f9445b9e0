import { CronDate, CronPattern } from 'croner'

/**
 * A cron expression as croner reads it. It is asked in wall time: what a clock on the wall shows, as the instant at which
 * it would show that in UTC.
 */
export interface CronExpression {
  /** It names one time of day. Any other expression follows the clock. */
  readonly isFixedTime: boolean
  /** The first wall time strictly after another one, or null when there is none. */
  nextWallTime(after: number): number | null
}

// Every value of every field takes fewer, and reading takes time.
const longestExpression = 1_000

/** @throws Error when croner refuses it */
export function readCronExpression(text: string): CronExpression {
  if (text.length > longestExpression) {
    throw new Error(`it has ${text.length} characters, which are more than ${longestExpression}`)
  }
  const pattern = new CronPattern(text, undefined, { sloppyRanges: true })
  keepYearsThatHaveItsDays(pattern)
  return { isFixedTime: pattern.isFixedTime, nextWallTime: (after) => nextMatch(pattern, after) }
}

function nextMatch(pattern: CronPattern, after: number): number | null {
  const next = new CronDate(new Date(after), 0).increment(pattern, {}, false)?.getTime() ?? null
  if (next !== null && next <= after) {
    throw new Error(`the time after ${new Date(after).toISOString()} came out as ${new Date(next).toISOString()}`)
  }
  return next
}

/**
 * croner tries every day of every year that the expression names, which takes seconds when none of them has the days that
 * it names. There are only 14 calendars, and a year has its days if an earlier one with the same calendar has them.
 */
function keepYearsThatHaveItsDays(pattern: CronPattern): void {
  const { year: named, starYear } = pattern
  pattern.starYear = false
  pattern.year = sampleYears
  const calendars = new Set<number | undefined>()
  let year = firstSample - 1
  for (;;) {
    const next = nextMatch(pattern, Date.UTC(year, 11, 31, 23, 59, 59))
    if (next === null) break
    year = new Date(next).getUTCFullYear()
    calendars.add(calendarOf[year])
  }
  const keepsAll = starYear && calendars.size === 14
  pattern.year = keepsAll ? everyYear : named.map((flag, year) => (flag && calendars.has(calendarOf[year]) ? 1 : 0))
}

const everyYear = Array.from({ length: 10_000 }, () => 1)

/** By its first weekday, and by whether it is a leap year. */
const calendarOf = everyYear.map((_, year) => {
  const firstWeekday = new Date(Date.UTC(year, 0, 1)).getUTCDay()
  return firstWeekday + (new Date(Date.UTC(year, 1, 29)).getUTCDate() === 29 ? 7 : 0)
})

const firstSample = 2001
/** The first year of each calendar; 28 years in a row have them all. */
const sampleYears = calendarOf.map((calendar, year) => (calendarOf.indexOf(calendar, firstSample) === year ? 1 : 0))
