import { remember } from './memory.ts'
import { type OffsetAt, readTimeZone } from './time-zone.ts'
import { TimetableError } from './timetable.ts'

/**
 * How far a zone's clocks are ahead of UTC at an instant, in milliseconds.
 * @throws TimetableError when there is no such zone
 */
export function offsetAt(timezone: string, instant: number): number {
  const offsetAt = zones.get(timezone) ?? remember(zones, timezone, zone(timezone), mostZones)
  return offsetAt(instant)
}

const zones = new Map<string, OffsetAt>()
const mostZones = 1_000

function zone(name: string): OffsetAt {
  try {
    return readTimeZone(name)
  } catch {
    throw new TimetableError('timezone', `no time zone is called '${name}'`)
  }
}

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
