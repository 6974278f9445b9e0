import { remember } from './memory.ts'
import { firstChange, offsetsOf } from './time-zone.ts'

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
  const offsetAt = offsetsOf(timezone)
  return [day - 1, day, day + 1].flatMap((each) => {
    const [start, end] = [each * dayMs, (each + 1) * dayMs]
    const before = offsetAt(start)
    const at = firstChange(offsetAt, before, start, end)
    return at === null ? [] : [{ at, before, after: offsetAt(end) }]
  })
}
