import { remember } from './memory.ts'
import { TimetableError } from './timetable.ts'

/**
 * How far a zone's clocks are ahead of UTC at an instant, in milliseconds.
 * @throws TimetableError when there is no such zone
 */
export function offsetAt(timezone: string, instant: number): number {
  const reading: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {}
  for (const { type, value } of formatOf(timezone).formatToParts(instant)) reading[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = reading
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1_000) * 1_000
}

const formats = new Map<string, Intl.DateTimeFormat>()
// More than there are zones.
const mostFormats = 1_000

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone)
  if (known !== undefined) return known
  try {
    return remember(formats, timezone, new Intl.DateTimeFormat('en', { ...fields, timeZone: timezone }), mostFormats)
  } catch {
    throw new TimetableError('timezone', `no time zone is called '${timezone}'`)
  }
}

const fields = {
  calendar: 'iso8601',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const

/**
 * What a zone's clocks show at an instant, in ISO 8601 with the offset: `2025-03-09T03:00:00-04:00`.
 * @throws TimetableError when there is no such zone
 */
export function localIso(timezone: string, instant: number): string {
  const offset = offsetAt(timezone, instant)
  const reading = new Date(instant + offset).toISOString().replace(/(\.000)?Z$/, '')
  const distance = new Date(Math.abs(offset)).toISOString().slice(11, 19)
  return `${reading}${offset < 0 ? '-' : '+'}${distance.replace(/:00$/, '')}`
}
