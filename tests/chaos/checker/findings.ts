import type { Run } from './history.ts'

export interface Finding {
  /** The schedule's name. */
  readonly schedule: string
  /** The instant that it is about, Unix milliseconds. */
  readonly at: number
  readonly why: string
}

export const faults = ['lost', 'duplicate', 'early', 'unexplained'] as const
export type Fault = (typeof faults)[number]

/** Collects what is wrong, once for each run: what follows from a fault is no other one. */
export class Findings {
  readonly lost: Finding[] = []
  readonly duplicate: Finding[] = []
  readonly early: Finding[] = []
  readonly unexplained: Finding[] = []
  readonly #runs = new Set<string>()

  add(fault: Fault, finding: Finding): void {
    this[fault].push(finding)
  }

  addOf(run: Run, fault: Fault, why: string): void {
    if (this.#runs.has(run.id)) return
    this.#runs.add(run.id)
    this.add(fault, { schedule: run.scheduleName, at: run.scheduledFor, why: `run ${run.id}: ${why}` })
  }
}
