import { nextInstant, type Timetable } from './timetable.ts'

/**
 * The last instant before another one, given one that is earlier. It is found by halving the stretch between them, so
 * that it takes few steps however many instants there are, and agrees with `nextInstant` whatever that answers.
 * @param known an instant of the timetable before `before`
 */
export function previousInstant(timetable: Timetable, before: number, known: number): number {
  let last = known
  let end = before
  while (end - last > 1) {
    const middle = Math.floor((last + end) / 2)
    const next = nextInstant(timetable, middle - 1)
    if (next !== null && next < before) last = next
    else end = middle
  }
  return last
}
