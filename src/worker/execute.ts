// The life of an attempt: open → run the task → classify → close.
//
// graphile-worker delivers a job at least once, and its own events fire before its writes land; so the history is
// written here, around the task, and the job is only let go once its attempt is closed in the database. A job whose
// attempt is not to be made (its run is over, or somebody else has it) is let go without a trace.
//
// A task that ends at once needs one write instead of two: its attempt may begin once the run was found as it must be, and
// is written from beginning to end when it is over. docs/decisions/0020 says why that is sound.

import { PermanentError } from '../errors.ts'
import type { FoundRun, RunToTry } from '../store/attempts.ts'
import type { JobPayload } from '../store/job.ts'
import type { ClosedAttempt } from '../store/outcomes.ts'
import type { Task } from '../task.ts'
import { Attempt, type AttemptOptions, aboutRun, type Open } from './attempt.ts'
import { checkPayload, checkResult } from './boundary.ts'
import { type History, mayPass } from './history.ts'
import { insist } from './insist.ts'
import { cancelled, failed, succeeded } from './outcome.ts'
import type { ShortTasks } from './short-tasks.ts'

export interface ExecuteOptions extends AttemptOptions {
  readonly history: History
  readonly shortTasks?: ShortTasks
}

export interface DeliveredJob {
  readonly id: string
  readonly payload: JobPayload
  /** The run as it was found, when the attempt may begin without being opened. */
  readonly found?: { readonly run: FoundRun; readonly readAt: number } | undefined
  /** Called when the task is over and only writing is left. */
  readonly onTaskEnded?: () => void
}

/** Makes the attempt that a job stands for. Rejects only when the database can't be told how it went. */
export async function execute(task: Task, job: DeliveredJob, options: ExecuteOptions): Promise<void> {
  const { events, history } = options
  const open: Open = async (beganAtMs) => {
    const opened = await insist(options, () => history.open({ job: job.payload, jobId: job.id, beganAtMs }))
    if (opened !== null) events.emit('run:started', { ...aboutRun(opened), ...delaysOf(opened, opened.isFirstAttempt) })
    return opened
  }
  let attempt: Attempt
  if (job.found === undefined) {
    const opened = await open()
    if (opened === null) return
    attempt = new Attempt(opened, job.payload, options, { readAt: performance.now() })
  } else {
    attempt = new Attempt(job.found.run, job.payload, options, { readAt: job.found.readAt, open })
  }
  options.shortTasks?.begin(attempt)
  const outcome = await runTask(task, attempt, options)
  job.onTaskEnded?.()
  options.shortTasks?.end(task.name, attempt, !attempt.hasAsked)
  const closed = await close(outcome, attempt, job, options, open)
  if (attempt.log !== undefined && attempt.log.unwritten > 0)
    options.log.warn({ run_id: attempt.run.runId, lines: attempt.log.unwritten }, 'lines of its log are lost')
  if (closed === null) {
    events.emit('run:outcome-refused', aboutRun(attempt.run))
    return
  }
  const { runStatus: status, reason, result, error } = closed
  const durationMs = performance.now() - attempt.startedAt
  events.emit('run:finished', { ...aboutRun(attempt.run), status, reason, result, error, durationMs })
}

/** Runs the task and says how it went; never rejects. */
async function runTask(task: Task, attempt: Attempt, { signal }: ExecuteOptions): Promise<ClosedAttempt> {
  try {
    // Opening the attempt may have taken for as long as the worker had for it.
    signal.throwIfAborted()
    const returned = task.run(attempt.context(task, checkPayload(task, attempt.run.payload)))
    return succeeded(checkResult(await attempt.until(returned)))
  } catch (error) {
    const { cancelledBy } = attempt
    return cancelledBy === undefined ? failed(error, attempt.run, signal.aborted) : cancelled(cancelledBy)
  } finally {
    attempt.end()
  }
}

/**
 * Writes what is left of the log and then how the attempt ended, so that whoever sees the one sees the other; what
 * Postgres refuses to keep of the outcome is a failure. Answers how it was closed, or null when it was no longer ours.
 */
async function close(
  outcome: ClosedAttempt,
  attempt: Attempt,
  job: DeliveredJob,
  options: ExecuteOptions,
  open: Open,
): Promise<ClosedAttempt | null> {
  const write = async (closing: ClosedAttempt) => {
    const closed =
      (await writeUnopened(closing, attempt, job, options)) ?? (await writeOpened(closing, attempt, job, options, open))
    return closed && { ...closing, runStatus: closed.status, reason: closed.reason }
  }
  try {
    return await write(outcome)
  } catch (error) {
    if (mayPass(error)) throw error
    const cause = new PermanentError('result_refused', `Postgres refused the result: ${(error as Error).message}`)
    return write(failed(cause, attempt.run, false))
  }
}

/** Null when there is an opening of the attempt, or when its run has changed since it was found. */
async function writeUnopened(closing: ClosedAttempt, attempt: Attempt, job: DeliveredJob, options: ExecuteOptions) {
  if (job.found === undefined || attempt.opened !== undefined) return null
  const { found } = job
  const written = await insist(options, () =>
    options.history.writeUnopened(
      { job: job.payload, jobId: job.id },
      { found: found.run, startedAtMs: attempt.startedAtMs },
      closing,
    ),
  )
  if (written !== null) {
    const isFirstAttempt = found.run.startedAtMs === null
    const started = { ...found.run, startedAtMs: found.run.startedAtMs ?? attempt.startedAtMs }
    options.events.emit('run:started', { ...aboutRun(started), ...delaysOf(started, isFirstAttempt) })
  }
  return written
}

async function writeOpened(
  closing: ClosedAttempt,
  attempt: Attempt,
  job: DeliveredJob,
  options: ExecuteOptions,
  open: Open,
) {
  if (job.found !== undefined && (await (attempt.opened ?? open(attempt.startedAtMs))) === null) return null
  return insist(options, async () => {
    await attempt.log?.end()
    return options.history.close(job.payload, closing)
  })
}

function delaysOf(run: RunToTry & { readonly startedAtMs: number }, isFirstAttempt: boolean) {
  return {
    origin: run.origin,
    isFirstAttempt,
    latenessMs: run.startedAtMs - run.scheduledForMs,
    fireDelayMs: run.queuedAtMs - run.scheduledForMs,
    queueDelayMs: run.startedAtMs - run.queuedAtMs,
  }
}
