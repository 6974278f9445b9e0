import type { Timetable } from './timetable.ts'
import { walk } from './walk.ts'

/** A stretch whose instants will not fire, as far as it has been counted. Instants are Unix milliseconds. */
export interface CountedLapse {
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
  readonly rest: CountedLapse | null
}

const mostInstants = 1_000

/** The next instants of a lapse that are to be counted, and whether they are the last. */
export function nextOfLapse({ timetable, from, until }: CountedLapse): { instants: number[]; isAtEnd: boolean } {
  return walk(timetable, { after: from - 1, upTo: until - 1, most: mostInstants })
}

/**
 * Counts them. An instant that has a run of its own (a backfill was quicker) is none of the missed ones, and what is
 * before and after it are two ranges.
 */
export function countLapse(
  lapse: CountedLapse,
  { instants, isAtEnd }: { instants: readonly number[]; isAtEnd: boolean },
  hasRun: ReadonlySet<number>,
): LapseProgress {
  const ranges: MissedRange[] = []
  let range = lapse.range
  for (const instant of instants) {
    if (hasRun.has(instant)) {
      if (range !== null) ranges.push(range)
      range = null
    } else {
      range = { since: range?.since ?? instant, last: instant, count: (range?.count ?? 0) + 1 }
    }
  }
  if (!isAtEnd) return { ranges, rest: { ...lapse, from: (instants.at(-1) as number) + 1, range } }
  return { ranges: range === null ? ranges : [...ranges, range], rest: null }
}
