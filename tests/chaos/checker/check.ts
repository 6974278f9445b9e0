import { judgeCoverage } from './coverage.ts'
import { dueBy } from './due.ts'
import { type ExecutedRun, judgeExecution } from './execution.ts'
import { type Finding, Findings } from './findings.ts'
import type { Effect, History, Run } from './history.ts'
import { judgeOverlap } from './overlap.ts'
import { judgePause, judgeReason } from './reasons.ts'
import { judgeSkips } from './skips.ts'

export interface Verdict {
  /** How many instants were due. */
  readonly due: number
  /** How many rows of the ledger were judged. */
  readonly rows: number
  /** Due, and neither run nor accounted for; or said to have run, and its work was never done. */
  readonly lost: readonly Finding[]
  /** Accounted for twice, or its work was done twice without need. */
  readonly duplicate: readonly Finding[]
  /** Before its instant. */
  readonly early: readonly Finding[]
  /** What no timetable, policy or failure explains. */
  readonly unexplained: readonly Finding[]
}

/**
 * Judges a history whose schedules were all made within it.
 * @param until what is for later instants is not judged: Unix milliseconds by the database's clock. Whatever was due by
 *   then must have come to its end before the history was read.
 */
export function check(history: History, until: number): Verdict {
  const findings = new Findings()
  const runs = history.runs.filter((run) => (run.missedSince ?? run.scheduledFor) <= until)
  const runsOf = Map.groupBy(runs, (run) => run.scheduleId)
  const lapsesOf = Map.groupBy(history.lapses, (lapse) => lapse.scheduleId)
  const eventsOf = Map.groupBy(history.events, (event) => event.scheduleId)
  const executed = executedRuns(history, runs)
  const due = dueBy(history, until)
  for (const [id, dueOfIt] of due) {
    const events = eventsOf.get(id) ?? []
    const runs = runsOf.get(id) ?? []
    const name = events.at(-1)?.scheduleName ?? id
    judgeCoverage({ name, due: dueOfIt, runs, lapses: lapsesOf.get(id) ?? [] }, until, findings)
    for (const run of runs) {
      judgeReason(run, { periods: dueOfIt.periods, events }, findings)
      judgePause(executed.get(run) as ExecutedRun, dueOfIt.instants.get(run.scheduledFor), findings)
      judgeExecution(executed.get(run) as ExecutedRun, findings)
    }
    judgeSkips(runs, findings)
    judgeOverlap(
      runs.map((run) => executed.get(run) as ExecutedRun),
      dueOfIt.periods,
      findings,
    )
  }
  for (const run of runs) if (!due.has(run.scheduleId)) findings.addOf(run, 'unexplained', 'nobody made its schedule')
  judgeStrays(history, until, findings)
  const { lost, duplicate, early, unexplained } = findings
  const instants = [...due.values()].reduce((sum, { instants }) => sum + instants.size, 0)
  return { due: instants, rows: runs.length, lost, duplicate, early, unexplained }
}

function executedRuns(history: History, runs: readonly Run[]): Map<Run, ExecutedRun> {
  const attempts = Map.groupBy(history.attempts, (attempt) => attempt.runId)
  const effects = Map.groupBy(history.effects, (effect) => effect.runId)
  const retried = new Set(
    history.events.filter(({ type }) => type === 'retried').map(({ changes }) => String(changes.run_id?.to)),
  )
  return new Map(
    runs.map((run) => [
      run,
      {
        run,
        attempts: attempts.get(run.id) ?? [],
        effects: effects.get(run.id) ?? [],
        isRepeated: run.origin === 'backfill' || retried.has(run.id),
      },
    ]),
  )
}

/** Work of runs that the ledger doesn't know. Where the instant was found lost, that is the same fault. */
function judgeStrays(history: History, until: number, findings: Findings): void {
  const known = new Set(history.runs.map(({ id }) => id))
  const names = new Map(history.events.map(({ scheduleId, scheduleName }) => [scheduleId, scheduleName]))
  const lost = new Set(findings.lost.map(({ schedule, at }) => `${schedule} ${at}`))
  const strays = new Map<string, Effect>()
  for (const effect of history.effects) {
    if (!known.has(effect.runId) && effect.scheduledFor <= until) strays.set(effect.runId, effect)
  }
  for (const { runId, scheduleId, scheduledFor: at } of strays.values()) {
    const schedule = names.get(scheduleId) ?? scheduleId
    if (lost.has(`${schedule} ${at}`)) continue
    findings.add('unexplained', { schedule, at, why: `run ${runId} did its work, and has no row` })
  }
}
