import { remember } from './memory.ts'
import { offsetsOf } from './time-zone.ts'

/** From `at` on, a zone's clocks are ahead of UTC by `after` instead of `before` milliseconds. */
export interface OffsetChange {
  readonly at: number
  readonly before: number
  readonly after: number
}

const dayMs = 86_400_000
// Every fire asks, and nearly always about one of a few days without any change.
const remembered = new Map<string, Map<number, readonly OffsetChange[]>>()
const mostZones = 1_000
const mostDays = 64

/**
 * The changes on the instant's own day (in UTC), the one before and the one after.
 * @throws TimetableError when there is no such zone
 */
export function offsetChangesNear(timezone: string, instant: number): readonly OffsetChange[] {
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
  const before = offsetsOf(timezone)(start)
  const after = offsetsOf(timezone)(end)
  if (before === after) return null
  let [last, at] = [start, end]
  while (at - last > 1_000) {
    const middle = last + Math.floor((at - last) / 2_000) * 1_000
    if (offsetsOf(timezone)(middle) === before) last = middle
    else at = middle
  }
  return { at, before, after }
}
