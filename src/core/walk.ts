import { nextInstant, type Timetable } from './timetable.ts'

/**
 * The instants of a timetable after one moment and up to another (inclusive), `most` at a time.
 * @returns the instants, and whether there are no more
 */
export function walk(
  timetable: Timetable,
  { after, upTo, most }: { after: number; upTo: number; most: number },
): { instants: number[]; isAtEnd: boolean } {
  const instants: number[] = []
  let next = nextInstant(timetable, after)
  while (next !== null && next <= upTo && instants.length < most) {
    instants.push(next)
    next = nextInstant(timetable, next)
  }
  return { instants, isAtEnd: next === null || next > upTo }
}
