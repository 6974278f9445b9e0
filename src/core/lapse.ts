import { minutesOf } from './minutes.ts'
import { previousInstant } from './previous-instant.ts'
import { nextInstant, type Timetable } from './timetable.ts'

/** A stretch whose instants will not fire, as far as it has been counted. Instants are Unix milliseconds. */
export interface Lapse {
  readonly timetable: Timetable
  /** From here on it is still to be counted; inclusive. */
  readonly from: number
  /** Exclusive. */
  readonly until: number
  /** The range that is being counted; null before its first instant. */
  readonly range: MissedRange | null
}

/** Instants of a timetable that follow each other. */
export interface MissedRange {
  readonly since: number
  readonly last: number
  readonly count: number
}

export interface LapseProgress {
  /** Ranges that are complete. */
  readonly ranges: readonly MissedRange[]
  /** What is left to count, or null. */
  readonly rest: Lapse | null
}

const longestSlice = 100 * 86_400_000

/** Up to where a lapse is counted at once; exclusive. */
export function endOfSlice({ from, until }: Lapse): number {
  return Math.min(until, from + longestSlice)
}

/**
 * Counts a slice of a lapse. An instant that has a run of its own (a backfill was quicker) is none of the missed ones, and
 * what is before and after it are two ranges.
 * @param withRun the moments in the slice for which there are runs, in their order
 * @throws TimetableError when the timetable can't be read
 */
export function countLapse(lapse: Lapse, withRun: readonly number[]): LapseProgress {
  const { timetable, until } = lapse
  const end = endOfSlice(lapse)
  const breaks = withRun.filter((moment) => nextInstant(timetable, moment - 1) === moment)
  const ranges: MissedRange[] = []
  let { from, range } = lapse
  for (const next of [...breaks, end]) {
    range = countOn(timetable, range, from, next)
    const isOver = next < end || end === until
    if (isOver && range !== null) ranges.push(range)
    if (isOver) range = null
    from = next + 1
  }
  return { ranges, rest: end === until ? null : { ...lapse, from: end, range } }
}

/** Adds the instants from one moment (inclusive) to another (exclusive) to a range. */
function countOn(timetable: Timetable, range: MissedRange | null, from: number, to: number): MissedRange | null {
  const first = nextInstant(timetable, from - 1)
  if (first === null || first >= to) return range
  let count = range?.count ?? 0
  for (const minute of minutesOf(timetable, first, to)) count += minute.count
  return { since: range?.since ?? first, last: previousInstant(timetable, to, first), count }
}
