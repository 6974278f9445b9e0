import type { Timetable } from '../../src/core/timetable.ts'

/** A timetable without any columns set, to be spread into one that has some. */
export const nothing: Timetable = {
  cronExpression: null,
  timezone: 'UTC',
  everyMs: null,
  anchor: 0,
  runAt: null,
  startsAt: null,
  endsAt: null,
}
