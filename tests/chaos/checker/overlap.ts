import type { ExecutedRun } from './execution.ts'
import type { Findings } from './findings.ts'
import type { Run } from './history.ts'
import type { Period } from './periods.ts'

interface Execution {
  readonly run: Run
  readonly from: number
  readonly to: number
}

/**
 * Where runs of a schedule must wait for each other, no two of them do their work at the same time. What people start by
 * hand, also again or as a backfill, runs beside others. An attempt whose worker was lost may still be at it.
 */
export function judgeOverlap(runs: readonly ExecutedRun[], periods: readonly Period[], findings: Findings): void {
  const executions = runs.filter(isLive).flatMap(executionsOf)
  executions.sort((one, other) => one.from - other.from)
  let longest: Execution | undefined
  for (const execution of executions) {
    if (longest !== undefined && execution.from < longest.to && execution.run !== longest.run) {
      const since = Math.min(longest.run.scheduledFor, execution.run.scheduledFor)
      if (mustWait(periods, since, execution.from)) {
        findings.addOf(execution.run, 'unexplained', `it ran beside run ${longest.run.id} of the same schedule`)
      }
    }
    if (longest === undefined || execution.to > longest.to) longest = execution
  }
}

const isLive = ({ run, isRepeated }: ExecutedRun) => run.origin !== 'manual' && !isRepeated

function executionsOf({ run, attempts, effects }: ExecutedRun): Execution[] {
  return attempts
    .filter(({ status }) => status !== 'worker_lost')
    .flatMap(({ attempt, finishedAt }) => {
      const begun = effects.find((effect) => effect.attempt === attempt && effect.phase === 'begun')
      const done = effects.find((effect) => effect.attempt === attempt && effect.phase === 'done')
      const to = Math.min(done?.at ?? Number.POSITIVE_INFINITY, finishedAt ?? Number.POSITIVE_INFINITY)
      return begun === undefined || to === Number.POSITIVE_INFINITY ? [] : [{ run, from: begun.at, to }]
    })
}

/** A run keeps to the policy that it was fired under, so it must have been the same all the time. */
function mustWait(periods: readonly Period[], from: number, to: number): boolean {
  return periods
    .filter((period) => period.from <= to && period.to > from)
    .every(({ overlapPolicy }) => overlapPolicy === 'skip' || overlapPolicy === 'queue')
}
