import type { Findings } from './findings.ts'
import type { Attempt, Effect, Run } from './history.ts'

/** A run with all that is known of its execution. */
export interface ExecutedRun {
  readonly run: Run
  readonly attempts: readonly Attempt[]
  readonly effects: readonly Effect[]
  /** Whether somebody had it run again, so that its work may be done again after it was done. */
  readonly isRepeated: boolean
}

const finalStatuses = new Set(['succeeded', 'failed', 'cancelled', 'skipped', 'missed'])
/** An attempt after which there may be another. */
const unsuccessful = new Set(['failed', 'timed_out', 'worker_lost', 'worker_stopped', 'cancelled'])

/** Holds what the ledger says of one run against what its task wrote itself. */
export function judgeExecution(executed: ExecutedRun, findings: Findings): void {
  const { run, attempts, effects } = executed
  const report = (fault: Parameters<Findings['addOf']>[1], why: string | null) => {
    if (why !== null) findings.addOf(run, fault, why)
  }
  report('early', whyEarly(executed))
  report('duplicate', whyTwice(effects) ?? whyAgain(executed))
  if (!finalStatuses.has(run.status)) report('unexplained', `it is ${run.status} at the end`)
  const open = attempts.find(({ status }) => status === 'running')
  if (open !== undefined) report('unexplained', `attempt ${open.attempt} is still open`)
  report('unexplained', whyUnknown(executed))
  if (run.status === 'failed' && !run.hasError) report('unexplained', 'it failed without an error')
  if (run.status !== 'succeeded') return
  const last = attempts.find(({ attempt }) => attempt === run.attempt)
  if (last?.status !== 'succeeded') report('unexplained', 'it succeeded, and its last attempt did not')
  if (!effects.some(({ attempt, phase }) => attempt === run.attempt && phase === 'done')) {
    report('lost', `it succeeded in attempt ${run.attempt}, and the work of that was never done`)
  }
}

/** What an operator starts is due when it was asked for, and its instant is a microsecond later than that at most. */
function whyEarly({ run, effects }: ExecutedRun): string | null {
  const due = run.origin === 'manual' ? Math.floor(run.scheduledFor) : run.scheduledFor
  const isBefore = (moment: number | null) => moment !== null && moment < due
  if (isBefore(run.queuedAt)) return 'it was queued before its instant'
  if (isBefore(run.startedAt)) return 'it was started before its instant'
  if (effects.some(({ at }) => isBefore(at))) return 'its task ran before its instant'
  return null
}

function whyTwice(effects: readonly Effect[]): string | null {
  const seen = new Set<string>()
  for (const { attempt, phase } of effects) {
    const key = `${attempt} ${phase}`
    if (seen.has(key)) return `attempt ${attempt} has ${phase} twice`
    seen.add(key)
  }
  return null
}

/** Work may be begun again only when the attempt before has been closed, and without success. */
function whyAgain({ attempts, effects, isRepeated }: ExecutedRun): string | null {
  const begun = effects.filter(({ phase }) => phase === 'begun')
  for (const { attempt, at } of begun) {
    for (const before of attempts) {
      if (before.attempt >= attempt) continue
      if (before.finishedAt === null || before.finishedAt > at) {
        return `attempt ${attempt} was begun while attempt ${before.attempt} was open`
      }
      if (!isRepeated && !unsuccessful.has(before.status)) {
        return `attempt ${attempt} was begun although attempt ${before.attempt} had ${before.status}`
      }
    }
  }
  return null
}

function whyUnknown({ attempts, effects }: ExecutedRun): string | null {
  const known = new Set(attempts.map(({ attempt }) => attempt))
  const unknown = effects.find(({ attempt }) => !known.has(attempt))
  return unknown === undefined ? null : `attempt ${unknown.attempt} did work, and the ledger has no such attempt`
}
