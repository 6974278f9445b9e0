import { offsetAt } from './local-time.ts'
import { remember } from './memory.ts'
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
  for (const { at, before, after } of changesNear(timezone, instant)) {
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

/** From `at` on, a zone's clocks are ahead of UTC by `after` instead of `before` milliseconds. */
interface OffsetChange {
  readonly at: number
  readonly before: number
  readonly after: number
}

const dayMs = 86_400_000
// Every fire asks, and nearly always about one of a few days without any change.
const remembered = new Map<string, Map<number, readonly OffsetChange[]>>()
const mostZones = 1_000
const mostDays = 64

/** The changes within a day of the instant's own day (in UTC): no change skips or repeats more than that. */
function changesNear(timezone: string, instant: number): readonly OffsetChange[] {
  const day = Math.floor(instant / dayMs)
  const days = remembered.get(timezone) ?? remember(remembered, timezone, new Map(), mostZones)
  return days.get(day) ?? remember(days, day, changesAround(timezone, day), mostDays)
}

function changesAround(timezone: string, day: number): readonly OffsetChange[] {
  return [day - 1, day, day + 1].flatMap((each) => {
    const change = changeBetween(timezone, each * dayMs, (each + 1) * dayMs)
    return change === null ? [] : [change]
  })
}

/** By halving; no zone has two changes on a day. */
function changeBetween(timezone: string, start: number, end: number): OffsetChange | null {
  const before = offsetAt(timezone, start)
  const after = offsetAt(timezone, end)
  if (before === after) return null
  let [last, at] = [start, end]
  while (at - last > 1_000) {
    const middle = last + Math.floor((at - last) / 2_000) * 1_000
    if (offsetAt(timezone, middle) === before) last = middle
    else at = middle
  }
  return { at, before, after }
}
