import { wallTime } from './oracle.ts'

const second = 1_000
const fourWeeks = 28 * 24 * 60 * 60 * second

export interface ClockChange {
  /** The first instant with the new offset. */
  readonly at: number
  /** What the clock shows then, and what it would have shown. */
  readonly wall: number
  readonly wallBefore: number
}

const offset = (zone: string, instant: number) => wallTime(zone, instant) - instant

const found = new Map<string, ClockChange[]>()

/** The clock changes of a zone from 2005 to 2037, in which years no two come within four weeks. */
export function clockChanges(zone: string): ClockChange[] {
  const known = found.get(zone)
  if (known) return known
  const changes: ClockChange[] = []
  let before = offset(zone, Date.UTC(2005, 0, 1))
  for (let from = Date.UTC(2005, 0, 1); from < Date.UTC(2038, 0, 1); from += fourWeeks) {
    const after = offset(zone, from + fourWeeks)
    if (before !== after) {
      const at = firstWithOther(zone, before, from, from + fourWeeks)
      changes.push({ at, wall: at + after, wallBefore: at + before })
    }
    before = after
  }
  found.set(zone, changes)
  return changes
}

function firstWithOther(zone: string, before: number, from: number, until: number): number {
  let low = from
  let high = until
  while (high - low > second) {
    const middle = Math.floor((low + high) / 2 / second) * second
    if (offset(zone, middle) === before) low = middle
    else high = middle
  }
  return high
}
