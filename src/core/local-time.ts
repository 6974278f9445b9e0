import { offsetsOf } from './time-zone.ts'

/**
 * What a zone's clocks show at an instant, in ISO 8601 with the offset: `2025-03-09T03:00:00-04:00`.
 * @throws TimetableError when there is no such zone
 */
export function localIso(timezone: string, instant: number): string {
  const offset = offsetsOf(timezone)(instant)
  const reading = new Date(instant + offset).toISOString().replace(/(\.000)?Z$/, '')
  const distance = new Date(Math.abs(offset)).toISOString().slice(11, 19)
  return `${reading}${offset < 0 ? '-' : '+'}${distance.replace(/:00$/, '')}`
}
