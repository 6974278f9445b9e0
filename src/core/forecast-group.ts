import { type MinuteCount, minuteMs, minuteOf, minutesOf } from './minutes.ts'
import { nextInstant, type Timetable } from './timetable.ts'

/** A schedule that may fire. Instants are Unix milliseconds. */
export interface ForecastSchedule {
  readonly name: string
  readonly timetable: Timetable
  /** Its first instant that is not accounted for yet. */
  readonly nextRunAt: number
  /** How often it may still fire; null = without end. */
  readonly runsLeft: number | null
}

/** What is forecast: from an instant (inclusive) to another (exclusive), when it is `now`. */
export interface Window {
  readonly from: number
  readonly until: number
  readonly now: number
}

/** Schedules that fire in the same minutes, equally often. */
export interface ForecastGroup {
  /** The minutes that they fire in; null: it takes another step. */
  readonly minutes: Iterator<MinuteCount | null, undefined>
  /** Of each of them in its next minute. */
  runs: number
  schedules: number
  /** The first of them. */
  readonly names: string[]
  hasFired: boolean
}

/** The group of a schedule, which is made when its key is new; undefined: it fires nothing. */
export function groupOf(
  groups: Map<string, ForecastGroup>,
  { timetable, nextRunAt, runsLeft }: ForecastSchedule,
  window: Window,
): ForecastGroup | undefined {
  // One with a limit uses it up from now on, be it before the window begins.
  const since = runsLeft === null ? window.from : Math.min(window.from, window.now)
  const first = nextRunAt >= since ? nextRunAt : firstFrom(timetable, since)
  if (first === null || first >= window.until) return undefined
  const { cronExpression, timezone, everyMs, endsAt } = timetable
  const key = [cronExpression, timezone, everyMs, endsAt, startOf(timetable, first, window), runsLeft].join('\n')
  const known = groups.get(key)
  if (known !== undefined) return known
  const minutes = minutesWithin(timetable, first, window, runsLeft ?? Number.POSITIVE_INFINITY)
  const group = { minutes, runs: 0, schedules: 0, names: [], hasFired: false }
  groups.set(key, group)
  return group
}

/** A timetable that can't be read has none. */
function firstFrom(timetable: Timetable, from: number): number | null {
  try {
    return nextInstant(timetable, from - 1)
  } catch {
    return null
  }
}

/**
 * What starts at the same fires in the same minutes. Nearly every schedule with `every` has an anchor of its own, but
 * mostly all that matters is the minute, and how often it fires in it.
 */
function startOf({ everyMs, endsAt }: Timetable, first: number, { from, until }: Window): number | string {
  if (everyMs === null || endsAt !== null || first < from || until % minuteMs !== 0) return first
  if (everyMs % minuteMs !== 0 && minuteMs % everyMs !== 0) return first
  return `${minuteOf(first)} ${Math.ceil((minuteOf(first) + minuteMs - first) / everyMs)}`
}

/** The minutes of the window, as long as runs are left of those that there were at `first`. */
function* minutesWithin(
  timetable: Timetable,
  first: number,
  { from, until }: Window,
  runsLeft: number,
): Generator<MinuteCount | null, undefined> {
  let left = runsLeft
  try {
    if (first < from) {
      for (const { count } of minutesOf(timetable, first, from)) {
        left -= count
        if (left <= 0) return
        yield null
      }
    }
    const start = first < from ? nextInstant(timetable, from - 1) : first
    if (start === null) return
    for (const { minute, count } of minutesOf(timetable, start, until)) {
      if (left <= 0) return
      yield { minute, count: Math.min(count, left) }
      left -= count
    }
  } catch {
    // croner can't go on with this one; the others can.
  }
}
