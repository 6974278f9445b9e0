import { type CronFields, evenStep, everyWeek, lastInMonth, runsOf } from './cron-fields.ts'

/**
 * As in `毎週月〜金曜 09:30`: the days, from the largest unit to the smallest, and then the times of the day.
 * @throws what has no words
 */
export function cronInJapanese(fields: CronFields): string {
  const { seconds, minutes, hours, months } = fields
  if ([seconds, minutes, hours, months].some(({ length }) => length === 0)) throw new Error('it never fires')
  const [span, days, times] = [spanWords(fields), dayWords(fields), timeWords(fields)]
  if (span === '') return days === null ? (hours.length === 24 ? times : `毎日 ${times}`) : `${days} ${times}`
  if (days === null) return `${span}の毎日 ${times}`
  const within = days.replaceAll(/毎[月週]/g, '')
  const isOneDate = months.length === 1 && /^\d+日$/.test(within)
  return `${span}${isOneDate ? '' : 'の'}${within} ${times}`
}

/** The years and months that it is limited to. */
function spanWords({ months, years }: CronFields): string {
  if (years !== null && years.length === 0) throw new Error('it never fires')
  const month = months.length === 12 ? '' : listed(months, '月')
  if (years === null) return month === '' ? '' : `毎年${month}`
  const runs = runsOf(years)
  if (runs.length > 20) throw new Error('no words for this')
  return `${listed(years, '年')}${month}`
}

const units = [
  ['時間', 3_600_000],
  ['分', 60_000],
  ['秒', 1_000],
] as const

export function everyInJapanese(ms: number): string {
  const [unit, unitMs] = units.find(([, unitMs]) => ms % unitMs === 0) ?? units[2]
  return `${ms / unitMs}${unit}ごと`
}

const fewTimes = 6

function timeWords({ seconds, minutes, hours }: CronFields): string {
  if (seconds.length === 1 && minutes.length === 1) return onceAnHour(hours, minutes[0] ?? 0, seconds[0] ?? 0)
  const often = withinHour(seconds, minutes)
  if (hours.length === 24) return often
  const spans = runsOf(hours).map(([first, last]) => `${clock(first, 0)}〜${clock(last, 59)}`)
  return `${spans.join('、')} の${often}`
}

function onceAnHour(hours: readonly number[], minute: number, second: number): string {
  const hourly = `毎時${minute}分${second === 0 ? '' : `${second}秒`}`
  if (hours.length === 24) return hourly
  const runs = runsOf(hours)
  if (hours.length <= fewTimes || runs.length > 1) return hours.map((hour) => clock(hour, minute, second)).join('、')
  return runs
    .map(([first, last]) => `${clock(first, minute, second)}〜${clock(last, minute, second)} の${hourly}`)
    .join('')
}

function withinHour(seconds: readonly number[], minutes: readonly number[]): string {
  const inMinute = seconds.length === 1 && seconds[0] === 0 ? null : cycleWords(seconds, '毎分', '秒')
  const inHour = minutes.length === 60 ? null : cycleWords(minutes, '毎時', '分')
  if (inMinute === null) return inHour ?? '毎分'
  return inHour === null ? inMinute : `${inHour}の${inMinute.replace(/^毎分(?=\d)/, '')}`
}

/** @param cycle what goes round, such as every hour with its 60 minutes */
function cycleWords(values: readonly number[], cycle: string, unit: string): string {
  if (values.length === 60) return `毎${unit}`
  const even = evenStep(values, 60)
  if (even?.first === 0) return `${even.step}${unit}ごと`
  if (even === undefined || values.length === 2) return `${cycle}${listed(values, unit)}`
  return `${cycle}${even.first}${unit}から${even.step}${unit}ごと`
}

/** Null for every day. */
function dayWords(fields: CronFields): string | null {
  const [ofMonth, ofWeek] = [daysOfMonth(fields), daysOfWeek(fields)]
  if (fields.isEither) return ofMonth === null || ofWeek === null ? null : `${ofMonth}または${ofWeek}`
  if (ofMonth === null || ofWeek === null) return ofMonth ?? ofWeek
  return `${ofMonth}かつ${ofWeek.replace(/^毎週/, '')}`
}

function daysOfMonth({ days, hasLastDay, hasLastWeekday, nearestWeekdays }: CronFields): string | null {
  if (days.length === 31) return null
  const parts = [
    ...nearestWeekdays.map((day) => `${day}日に最も近い平日`),
    ...(days.length > 0 ? [listed(days, '日')] : []),
    ...(hasLastDay ? ['末日'] : []),
    ...(hasLastWeekday ? ['最後の平日'] : []),
  ]
  if (parts.length === 0) throw new Error('it never fires')
  return `毎月${parts.join('と')}`
}

const names = ['月', '火', '水', '木', '金', '土', '日']

function daysOfWeek({ weekdays }: CronFields): string | null {
  if (weekdays.length === 0) throw new Error('it never fires')
  const weekly = weekdays.filter(({ weeks }) => weeks === everyWeek).map(({ day }) => day)
  if (weekly.length === 7) return null
  const others = weekdays
    .filter(({ weeks }) => weeks !== everyWeek)
    .flatMap(({ day, weeks }) => [
      ...[1, 2, 3, 4, 5].filter((week) => weeks & (1 << (week - 1))).map((week) => `第${week}${nameOf(day)}曜`),
      ...(weeks & lastInMonth ? [`最終${nameOf(day)}曜`] : []),
    ])
  const parts = [
    ...(weekly.length > 0 ? [`毎週${runsOf(weekly).map(weekdayRun).join('・')}曜`] : []),
    ...(others.length > 0 ? [`毎月${others.join('、')}`] : []),
  ]
  return parts.join('と')
}

function weekdayRun([first, last]: readonly [number, number]): string {
  if (first === last) return nameOf(first)
  return `${nameOf(first)}${last - first > 1 ? '〜' : '・'}${nameOf(last)}`
}

function nameOf(day: number): string {
  return names[day - 1] ?? ''
}

/** Such as `1日、3〜5日`. */
function listed(values: readonly number[], unit: string): string {
  return runsOf(values)
    .flatMap(([first, last]) =>
      last - first > 1 ? [`${first}〜${last}${unit}`] : [...new Set([first, last])].map((value) => `${value}${unit}`),
    )
    .join('、')
}

function clock(hour: number, minute: number, second = 0): string {
  return [hour, minute, ...(second === 0 ? [] : [second])].map((part) => String(part).padStart(2, '0')).join(':')
}
