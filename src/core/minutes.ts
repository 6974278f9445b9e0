import { CronPattern } from 'croner'
import { remember } from './memory.ts'
import { offsetChangesNear } from './offset-changes.ts'
import { offsetsOf } from './time-zone.ts'
import { nextInstant, type Timetable } from './timetable.ts'

/** How many of a timetable's instants lie in a minute. */
export interface MinuteCount {
  /** Where the minute begins; Unix milliseconds. */
  readonly minute: number
  readonly count: number
}

export const minuteMs = 60_000
const dayMs = 86_400_000

export function minuteOf(instant: number): number {
  return instant - (instant % minuteMs)
}

/**
 * The instants of a timetable from one that it names up to `until` (exclusive), counted by minute. It is what
 * `nextInstant` would find one by one, in a fraction of the time.
 * @throws TimetableError as `nextInstant` does
 */
export function* minutesOf(timetable: Timetable, first: number, until: number): Generator<MinuteCount, void> {
  const { everyMs, endsAt } = timetable
  const end = endsAt === null ? until : Math.min(until, endsAt + 1)
  if (timetable.cronExpression !== null) yield* cronMinutes(timetable, timetable.cronExpression, first, end)
  else if (everyMs !== null) yield* everyMinutes(everyMs, first, end)
  else if (first < end) yield { minute: minuteOf(first), count: 1 }
}

function* everyMinutes(everyMs: number, first: number, end: number): Generator<MinuteCount, void> {
  let at = first
  while (at < end) {
    const minute = minuteOf(at)
    const count = Math.ceil((Math.min(minute + minuteMs, end) - at) / everyMs)
    yield { minute, count }
    at += count * everyMs
  }
}

/**
 * A day that the expression names has the same times as any other, but for the hours around a clock change: so croner is
 * asked for the days, and about each instant only near a change.
 */
function* cronMinutes(
  timetable: Timetable,
  expression: string,
  first: number,
  end: number,
): Generator<MinuteCount, void> {
  const offsetAt = offsetsOf(timetable.timezone)
  let at: number | null = first
  while (at !== null && at < end) {
    const here: number = at
    const offset = offsetAt(here)
    const irregular = irregularNear(timetable.timezone, here)
    if (offset % minuteMs !== 0 || irregular.some(({ from, until }) => here >= from && here < until)) {
      const minute = minuteOf(at)
      let count = 0
      for (; at !== null && at < Math.min(minute + minuteMs, end); at = nextInstant(timetable, at)) count += 1
      yield { minute, count }
    } else {
      const midnight = here - ((here + offset) % dayMs)
      const next = irregular.find(({ from }) => from > here)?.from
      const until = Math.min(midnight + dayMs, next ?? Number.POSITIVE_INFINITY)
      yield* minutesOfDay(expression, midnight, here, Math.min(until, end))
      if (until >= end) return
      at = nextInstant(timetable, until - 1)
    }
  }
}

/** The stretches, in whole minutes, in which a clock change may have moved, merged or doubled something. */
function irregularNear(timezone: string, instant: number): { from: number; until: number }[] {
  return offsetChangesNear(timezone, instant).map(({ at, before, after }) => {
    const reach = Math.abs(after - before) + minuteMs
    return { from: minuteOf(at - reach), until: minuteOf(at + reach) + minuteMs }
  })
}

function* minutesOfDay(expression: string, midnight: number, from: number, end: number): Generator<MinuteCount, void> {
  const { hours, minutes, seconds } = timesOf(expression)
  for (const hour of hours) {
    for (const minuteOfHour of minutes) {
      const minute = midnight + (hour * 60 + minuteOfHour) * minuteMs
      if (minute >= end) return
      const isWhole = minute >= from && minute + minuteMs <= end
      const isWithin = (second: number) => minute + second * 1_000 >= from && minute + second * 1_000 < end
      const count = isWhole ? seconds.length : seconds.filter(isWithin).length
      if (count > 0) yield { minute, count }
    }
  }
}

/** The times of day that an expression names, whatever the day. */
interface Times {
  readonly hours: readonly number[]
  readonly minutes: readonly number[]
  readonly seconds: readonly number[]
}

const remembered = new Map<string, Times>()
const mostRemembered = 10_000

function timesOf(expression: string): Times {
  const known = remembered.get(expression)
  if (known !== undefined) return known
  const { hour, minute, second } = new CronPattern(expression, undefined, { sloppyRanges: true })
  const times = { hours: allowed(hour), minutes: allowed(minute), seconds: allowed(second) }
  return remember(remembered, expression, times, mostRemembered)
}

function allowed(field: readonly number[]): number[] {
  return [...field.keys()].filter((value) => field[value])
}
