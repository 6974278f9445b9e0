import type { History } from './history.ts'

export interface Finding {
  /** The schedule's name. */
  readonly schedule: string
  /** The instant that it is about, Unix milliseconds. */
  readonly at: number
  readonly why: string
}

export interface Verdict {
  /** How many instants were due. */
  readonly due: number
  /** How many rows of the ledger were judged. */
  readonly rows: number
  /** Due, and neither run nor accounted for; or said to have run, and its work never happened. */
  readonly lost: readonly Finding[]
  /** Accounted for twice, or its work was done twice without need. */
  readonly duplicate: readonly Finding[]
  /** Before its instant. */
  readonly early: readonly Finding[]
  /** What no timetable, policy or failure explains. */
  readonly unexplained: readonly Finding[]
}

/**
 * @param until what came later is not judged: Unix milliseconds by the database's clock. Everything that was due by then
 * must have come to its end.
 */
export function check(history: History, until: number): Verdict {
  return {
    due: 0,
    rows: history.runs.filter((run) => run.scheduledFor <= until).length,
    lost: [],
    duplicate: [],
    early: [],
    unexplained: [],
  }
}
