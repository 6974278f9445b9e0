import { type ClockChange, clockChange } from './clock-change.ts'
import { localIso } from './local-time.ts'
import { requireFiring } from './plan.ts'
import { nextInstant, type Timetable } from './timetable.ts'

/** An instant that a timetable names. */
export interface UpcomingInstant {
  /** Unix milliseconds. */
  readonly at: number
  /** What clocks in the timetable's zone show then, in ISO 8601 with the offset: `2025-03-09T03:00:00-04:00`. */
  readonly local: string
  readonly clockChange: ClockChange | null
}

/**
 * The next instants of a timetable, strictly after another one: as many as wanted, or as there are.
 * @throws TimetableError as `nextInstant` does
 */
export function upcoming(timetable: Timetable, after: number, count: number): UpcomingInstant[] {
  const found: UpcomingInstant[] = []
  let at: number | null = after
  while (found.length < count) {
    at = nextInstant(timetable, at)
    if (at === null) break
    found.push({ at, local: localIso(timetable.timezone, at), clockChange: clockChange(timetable, at) })
  }
  return found
}

/**
 * The same of a timetable that is about to be used.
 * @throws TimetableError also for an expression that never fires again, bounds aside: that is a mistake
 */
export function requireUpcoming(timetable: Timetable, after: number, count: number): UpcomingInstant[] {
  const found = upcoming(timetable, after, count)
  if (found.length === 0) requireFiring(timetable, after)
  return found
}
