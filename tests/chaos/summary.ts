import { type Percentiles, percentiles } from '../../bench/percentiles.ts'
import type { Finding } from './checker/findings.ts'
import type { Outcome } from './experiment.ts'

/** One experiment in figures, as it is printed at its end. Durations in milliseconds. */
export interface Summary {
  readonly mode: 'single' | 'replica'
  readonly seed: number
  readonly seconds: number
  readonly faults: number
  readonly due: number
  readonly rows: number
  readonly lost: number
  readonly duplicate: number
  readonly early: number
  readonly unexplained: number
  readonly crashed: number
  readonly failover_ms: Percentiles
  readonly recovery_ms: Percentiles
}

export function summarize(outcome: Outcome, { mode, seed }: Pick<Summary, 'mode' | 'seed'>): Summary {
  const { verdict, counts, seconds, failoverMs, recoveryMs } = outcome
  return {
    mode,
    seed,
    seconds,
    faults: Object.values(counts).reduce((sum, count) => sum + count, 0),
    due: verdict.due,
    rows: verdict.rows,
    lost: verdict.lost.length,
    duplicate: verdict.duplicate.length,
    early: verdict.early.length,
    unexplained: verdict.unexplained.length,
    crashed: outcome.crashes.length,
    failover_ms: percentiles(failoverMs),
    recovery_ms: percentiles(recoveryMs),
  }
}

const mostOfAKind = 20

/** A line for each finding, or for the first ones of each kind. */
export function describe({ verdict, crashes }: Outcome): string[] {
  const { lost, duplicate, early, unexplained } = verdict
  const findings = Object.entries({ lost, duplicate, early, unexplained }).flatMap(([kind, findings]) =>
    findings.slice(0, mostOfAKind).map((finding) => `${kind}: ${tell(finding)}`),
  )
  return [...findings, ...crashes.map((crash) => `crashed: ${crash}`)]
}

function tell({ schedule, at, why }: Finding): string {
  return `${schedule} at ${new Date(at).toISOString()}: ${why}`
}
