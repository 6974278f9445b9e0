import { CronPattern } from 'croner'
import cronstrue from 'cronstrue'
import { localIso } from './core/local-time.ts'
import type { Timetable } from './core/timetable.ts'

/**
 * A timetable in plain words, with 24-hour times, such as `at 09:30, Monday through Friday`; null for an expression that
 * there are no right words for. Cron expressions speak of local time.
 */
export function plainWords({ cronExpression, everyMs, runAt, timezone }: Timetable): string | null {
  if (cronExpression !== null) return cronWords(cronExpression)
  if (everyMs !== null) return `every ${durationWords(everyMs)}`
  return runAt === null ? null : `once, at ${localIso(timezone, runAt)}`
}

// In hours at most: a day of 24 of them is none by the clock.
const units = [
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

function durationWords(ms: number): string {
  const [unit, unitMs] = units.find(([, unitMs]) => ms % unitMs === 0) ?? units[2]
  return ms === unitMs ? unit : `${ms / unitMs} ${unit}s`
}

/**
 * croner decides what an expression means, and cronstrue reads some of it otherwise. So it gets what croner has
 * understood, in spellings that it has the right words for.
 */
function cronWords(expression: string): string | null {
  try {
    const pattern = new CronPattern(expression, undefined, { sloppyRanges: true })
    const words = describe(pattern)
    return `${words.charAt(0).toLowerCase()}${words.slice(1)}${isTimesOnly.test(words) ? ', every day' : ''}`
  } catch {
    return null
  }
}

const isTimesOnly = /^At \d\d:[\d:, and]+$/

/** @throws what has no words */
function describe(pattern: CronPattern): string {
  const [time, month, year] = [timeFields(pattern), listed(valuesOf(pattern.month, 1), 12), yearField(pattern)]
  const [day, weekday] = [dayField(pattern), weekdayField(pattern)]
  const say = (day: string, weekday: string, month = '*', year = '*') =>
    cronstrue.toString(`${time} ${day} ${month} ${weekday} ${year}`, sayings)
  const isEither = !pattern.starDOM && !pattern.starDOW && !pattern.useAndLogic
  if (!isEither) return say(day, weekday, month, year)
  if (day === '*' || weekday === '*') return say('*', '*', month, year)
  // cronstrue would say "on day 13 of the month, and on Friday", which sounds as if it took both.
  const when = say('*', '*')
  const onDay = say(day, '*').slice(`${when}, `.length)
  const onWeekday = say('*', weekday).slice(`${when}, `.length)
  const inMonth = say('*', '*', month, year).slice(when.length)
  return `${when}, either ${onDay} or ${onWeekday.replace(/^only /, '')}${inMonth}`
}

const sayings = { use24HourTimeFormat: true, logicalAndDayFields: true }

const fewHours = 4

function timeFields(pattern: CronPattern): string {
  const [seconds, minutes, hours] = [valuesOf(pattern.second), valuesOf(pattern.minute), valuesOf(pattern.hour)]
  const isOnceAnHour = seconds.length === 1 && minutes.length === 1
  const hour = !isOnceAnHour
    ? hours.length === 24
      ? '*'
      : asRanges(hours)
    : hours.length <= fewHours
      ? hours.join(',')
      : stepped(hours, 24)
  return `${stepped(seconds, 60)} ${stepped(minutes, 60)} ${hour}`
}

function dayField({ day, lastDayOfMonth, lastWeekday, nearestWeekdays }: CronPattern): string {
  const days = valuesOf(day, 1)
  const nearest = valuesOf(nearestWeekdays, 1)
  if (lastWeekday) return 'LW'
  if (nearest.length === 0 && lastDayOfMonth) return days.length === 0 ? 'L' : `${listed(days, 31)},L`
  if (nearest.length === 0) return listed(days, 31)
  if (nearest.length > 1 || days.length > 0 || lastDayOfMonth) throw new Error('no words for this')
  return `${nearest[0]}W`
}

const everyWeek = 0b111111
const lastInMonth = 0b100000

/** croner keeps a bit for each of a month's five weeks and one for the last. Sunday comes last here. */
function weekdayField({ dayOfWeek }: CronPattern): string {
  const weeksOf = (day: number) => dayOfWeek[day % 7] ?? 0
  const days = [1, 2, 3, 4, 5, 6, 7].filter((day) => weeksOf(day) > 0)
  if (days.every((day) => weeksOf(day) === everyWeek)) return listed(days, 7)
  if (days.some((day) => weeksOf(day) === everyWeek)) throw new Error('no words for this')
  return days
    .flatMap((day) => [
      ...[1, 2, 3, 4, 5].filter((week) => weeksOf(day) & (1 << (week - 1))).map((week) => `${day}#${week}`),
      ...(weeksOf(day) & lastInMonth ? [`${day}L`] : []),
    ])
    .join(',')
}

function yearField({ starYear, year }: CronPattern): string {
  const years = starYear ? '*' : listed(valuesOf(year), 9_999)
  if (years.length > 100) throw new Error('no words for this')
  return years
}

/** What a field of croner's allows. */
function valuesOf(field: readonly number[], first = 0): number[] {
  return [...field.keys()].filter((index) => field[index]).map((index) => index + first)
}

/** Steps that go round evenly, such as every 15 minutes; cronstrue would call others even. */
function stepped(values: readonly number[], size: number): string {
  const [first = 0, second = 0] = values
  const step = second - first
  const isEven = values.length * step === size && values.every((value, index) => value === first + index * step)
  return isEven && step > 1 ? `${first === 0 ? '*' : first}/${step}` : listed(values, size)
}

function listed(values: readonly number[], size: number): string {
  if (values.length === 0) throw new Error('it never fires')
  if (values.length === size) return '*'
  return runsOf(values)
    .flatMap(([first, last]): unknown[] => (last - first > 1 ? [`${first}-${last}`] : [...new Set([first, last])]))
    .join(',')
}

function asRanges(values: readonly number[]): string {
  return runsOf(values)
    .map(([first, last]) => `${first}-${last}`)
    .join(',')
}

/** Values without a gap between them, as first and last. */
function runsOf(values: readonly number[]): [number, number][] {
  const runs: [number, number][] = []
  for (const value of values) {
    const run = runs.at(-1)
    if (run?.[1] === value - 1) run[1] = value
    else runs.push([value, value])
  }
  return runs
}
