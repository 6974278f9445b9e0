import type { CronExpression } from './cron-expression.ts'
import { firstChange, type OffsetAt } from './time-zone.ts'

const day = 86_400_000
/** How far a change of the offset can be from where it matters: none skips or repeats more than a day. */
const reach = 2 * day
/** A year takes four at most, so that only what falls into a gap for a hundred years in a row takes more. */
const mostSteps = 400

/**
 * The first instant strictly after another one at which an expression fires in a zone, or null when there is none. It
 * looks for the next wall time with the offset that holds, and starts anew from each clock change before that.
 *
 * A fixed time that a clock change skips fires at the first instant after the gap, unless that day is skipped as a whole;
 * one that is repeated fires at the first of the two. What follows the clock fires at every instant that matches.
 */
export function nextCronInstant(
  { isFixedTime, nextWallTime }: CronExpression,
  offsetAt: OffsetAt,
  after: number,
): number | null {
  // From a day earlier on, because the local time of `after` may have been there before.
  let from = isFixedTime ? after - day : after
  let offset = offsetAt(from)
  for (let step = 0; step < mostSteps; step += 1) {
    const wall = nextWallTime(from + offset)
    const instant = wall === null ? Number.POSITIVE_INFINITY : wall - offset
    const horizon = Math.min(instant, from + reach)
    const change = firstChange(offsetAt, offset, from, horizon)
    if (change === null) {
      if (instant === horizon && instant > after) return instant
      if (wall === null) return null
      from = Math.max(horizon, instant - reach)
      offset = offsetAt(from)
      continue
    }
    const forward = offsetAt(change) - offset
    const isSkipped = instant < change + forward
    if (isFixedTime && isSkipped && forward < day && change > after) return change
    // What is repeated has been there, up to where the clocks were put back.
    from = isFixedTime && forward < 0 ? change - forward - 1 : change - 1
    offset += forward
  }
  return null
}
