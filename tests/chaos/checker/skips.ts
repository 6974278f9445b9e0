import type { Findings } from './findings.ts'
import type { Run } from './history.ts'

/** What is decided later than this has origin `catch_up`. */
const onTimeMs = 60_000

/**
 * An instant is skipped for another run only while that is active, so no earlier than the instant itself.
 * @param runs those of one schedule, in the order of their instants
 */
export function judgeSkips(runs: readonly Run[], findings: Findings): void {
  const manual = runs.filter(({ origin }) => origin === 'manual')
  let activeUntil = Number.NEGATIVE_INFINITY
  for (const run of runs) {
    const at = run.scheduledFor
    if (run.status === 'skipped' || run.status === 'missed') {
      // Somebody may have started a run after the instant, before it was decided.
      const decidedBy = run.origin === 'catch_up' ? Number.POSITIVE_INFINITY : at + onTimeMs
      const isBesideManual = () => manual.some((other) => endOf(other) >= at && other.scheduledFor <= decidedBy)
      if (run.reason === 'overlap' && activeUntil < at && !isBesideManual()) {
        findings.addOf(run, 'unexplained', 'it was skipped for another run, and none was active')
      }
    } else activeUntil = Math.max(activeUntil, endOf(run))
  }
}

const endOf = ({ finishedAt }: Run) => finishedAt ?? Number.POSITIVE_INFINITY
