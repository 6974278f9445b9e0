import { remember } from './memory.ts'
import { TimetableError } from './timetable-error.ts'

/** How far the clocks of a zone are ahead of UTC at an instant, in milliseconds. */
export type OffsetAt = (instant: number) => number

const zones = new Map<string, OffsetAt>()
const mostZones = 1_000

/** @throws TimetableError when there is no such zone */
export function offsetsOf(timezone: string): OffsetAt {
  return zones.get(timezone) ?? remember(zones, timezone, readTimeZone(timezone), mostZones)
}

function readTimeZone(name: string): OffsetAt {
  const format = formatFor(name)
  return (instant) => {
    const [, sign, hours, minutes, seconds = 0] = offsetPattern.exec(format.format(instant)) ?? []
    if (sign === undefined) return 0
    const distance = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000
    return sign === '-' ? -distance : distance
  }
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  } catch {
    throw new TimetableError('timezone', `no time zone is called '${timeZone}'`)
  }
}

/**
 * The first instant after one moment and up to another (inclusive) at which the offset is no longer `before`, or null; by
 * halving, for no zone has two changes within days.
 */
export function firstChange(offsetAt: OffsetAt, before: number, from: number, until: number): number | null {
  if (offsetAt(until) === before) return null
  let last = from
  let changed = until
  while (changed - last > 1) {
    const middle = Math.floor((last + changed) / 2)
    if (offsetAt(middle) === before) last = middle
    else changed = middle
  }
  return changed
}

/** The offset at the end of, for instance, `3/9/2025, GMT-04:00`; UTC has none. */
const offsetPattern = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/
