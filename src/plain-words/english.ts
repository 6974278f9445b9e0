import cronstrue from 'cronstrue'
import { type CronFields, evenStep, everyWeek, lastInMonth, runsOf } from './cron-fields.ts'

/**
 * With 24-hour times. cronstrue reads some expressions otherwise than croner, so it gets what croner has understood, in
 * spellings that it has the right words for.
 * @throws what has no words
 */
export function cronInEnglish(fields: CronFields): string {
  const words = describe(fields)
  return `${words.charAt(0).toLowerCase()}${words.slice(1)}${isTimesOnly.test(words) ? ', every day' : ''}`
}

const isTimesOnly = /^At \d\d:[\d:, and]+$/

// In hours at most: a day of 24 of them is none by the clock.
const units = [
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

export function everyInEnglish(ms: number): string {
  const [unit, unitMs] = units.find(([, unitMs]) => ms % unitMs === 0) ?? units[2]
  return ms === unitMs ? `every ${unit}` : `every ${ms / unitMs} ${unit}s`
}

function describe(fields: CronFields): string {
  const [time, month, year] = [timeFields(fields), listed(fields.months, 12), yearField(fields)]
  const [day, weekday] = [dayField(fields), weekdayField(fields)]
  const say = (day: string, weekday: string, month = '*', year = '*') =>
    cronstrue.toString(`${time} ${day} ${month} ${weekday} ${year}`, sayings)
  if (!fields.isEither) return say(day, weekday, month, year)
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

function timeFields({ seconds, minutes, hours }: CronFields): string {
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

function dayField({ days, hasLastDay, hasLastWeekday, nearestWeekdays: nearest }: CronFields): string {
  if (hasLastWeekday) return 'LW'
  if (nearest.length === 0 && hasLastDay) return days.length === 0 ? 'L' : `${listed(days, 31)},L`
  if (nearest.length === 0) return listed(days, 31)
  if (nearest.length > 1 || days.length > 0 || hasLastDay) throw new Error('no words for this')
  return `${nearest[0]}W`
}

function weekdayField({ weekdays }: CronFields): string {
  const days = weekdays.map(({ day }) => day)
  if (weekdays.every(({ weeks }) => weeks === everyWeek)) return listed(days, 7)
  if (weekdays.some(({ weeks }) => weeks === everyWeek)) throw new Error('no words for this')
  return weekdays
    .flatMap(({ day, weeks }) => [
      ...[1, 2, 3, 4, 5].filter((week) => weeks & (1 << (week - 1))).map((week) => `${day}#${week}`),
      ...(weeks & lastInMonth ? [`${day}L`] : []),
    ])
    .join(',')
}

function yearField({ years }: CronFields): string {
  const field = years === null ? '*' : listed(years, 9_999)
  if (field.length > 100) throw new Error('no words for this')
  return field
}

/** Steps that go round evenly, such as every 15 minutes; cronstrue would call others even. */
function stepped(values: readonly number[], size: number): string {
  const even = evenStep(values, size)
  return even ? `${even.first === 0 ? '*' : even.first}/${even.step}` : listed(values, size)
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
