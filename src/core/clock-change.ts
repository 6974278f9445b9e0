import { offsetChangesNear } from './offset-changes.ts'
import { nextInstant, type Timetable } from './timetable.ts'

/**
 * What a clock change did to an instant:
 * - `moved`: its local time was skipped, so it fires at the first instant after the gap.
 * - `merged`: its local time comes twice, and it fires at the first of the two only.
 * - `doubled`: its local time comes twice, and it fires both times; this is either of them.
 */
export const clockChanges = ['moved', 'merged', 'doubled'] as const
export type ClockChange = (typeof clockChanges)[number]

/**
 * What a clock change did to an instant that `nextInstant` named; null: nothing. Only cron expressions read local time.
 * Where a skipped time ends at one that the expression names anyway, nothing was moved: that instant would have fired
 * without the change. It is about the expression alone, so the other of two `doubled` instants may lie outside the
 * timetable's bounds.
 * @throws TimetableError as `nextInstant` does
 */
export function clockChange({ cronExpression, timezone }: Timetable, instant: number): ClockChange | null {
  if (cronExpression === null) return null
  for (const { at, before, after } of offsetChangesNear(timezone, instant)) {
    const repeated = before - after
    if (repeated < 0) {
      if (instant === at && !names(cronExpression, 'UTC', instant + after)) return 'moved'
    } else if (instant >= at - repeated && instant < at + repeated) {
      const isFirst = instant < at
      if (names(cronExpression, timezone, isFirst ? instant + repeated : instant - repeated)) return 'doubled'
      return isFirst ? 'merged' : null
    }
  }
  return null
}

function names(cronExpression: string, timezone: string, instant: number): boolean {
  return nextInstant({ ...unbounded, cronExpression, timezone }, instant - 1) === instant
}

const unbounded = { everyMs: null, anchor: 0, runAt: null, startsAt: null, endsAt: null }
