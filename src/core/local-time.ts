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
