/** A part of the past in which a list looks for runs. Unix milliseconds, `since` inclusive; null = without bound. */
export interface Stretch {
  readonly since: number | null
  readonly until: number | null
}

const dayMs = 86_400_000
const daysBack = [7, 39, 167]

/**
 * What to look at one after the other for the latest runs, from an instant backwards: a week, then more and more, and at
 * last all the rest. Partitions are days (UTC), and asking a year of them takes fifty times as long as asking a week.
 */
export function stretchesBefore(instant: number): Stretch[] {
  const day = Math.floor(instant / dayMs) * dayMs
  const bounds = [null, ...daysBack.map((days) => day - days * dayMs), null]
  return bounds.slice(1).map((since, index) => ({ since, until: bounds[index] ?? null }))
}
