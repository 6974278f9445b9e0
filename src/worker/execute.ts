// The life of an attempt: open → run the task → classify → close.
//
// graphile-worker delivers a job at least once, and its own events fire before its writes land; so the history is
// written here, around the task, and the job is only let go once its attempt is closed in the database. A job whose
// attempt is not to be made (its run is over, or somebody else has it) is let go without a trace.

import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Logger } from 'pino'
import { PermanentError } from '../errors.ts'
import type { Events, RunEvent } from '../events.ts'
import { type ClosedAttempt, closeAttempt, type OpenedAttempt, openAttempt, reportProgress } from '../store/attempts.ts'
import type { JobPayload } from '../store/job.ts'
import { isLocked, isUnavailable } from '../store/postgres-errors.ts'
import type { Db } from '../store/tables.ts'
import type { Task, TaskLog } from '../task.ts'
import { Deadline } from './deadline.ts'
import type { LogWriter } from './log-writer.ts'
import { cancelled, failed, isPassing, succeeded } from './outcome.ts'
import { rejectedBy } from './rejected-by.ts'
import { RunLog } from './run-log.ts'
import { checkedCount } from './task-count.ts'

export interface ExecuteOptions {
  readonly db: Db
  readonly pool: pg.Pool
  readonly events: Events
  readonly log: Logger
  readonly nodeId: string
  readonly cancellations: Cancellations
  readonly runLogs: Pick<LogWriter, 'write'>
  /** What time it is in Unix milliseconds; left out, it is reckoned from when the database opened the attempt. */
  readonly now?: () => number
  /** Aborted when the worker is stopping and wants tasks to end. */
  readonly signal: AbortSignal
  /** Aborted when it waits for them no longer; whatever they do then, their attempts are over. */
  readonly handBack: AbortSignal
}

export type AttemptId = Pick<OpenedAttempt, 'runId' | 'attempt'>

/** Who says that an attempt under way is to end: its run was cancelled, or it is no longer this worker's. */
export interface Cancellations {
  /** Aborted when that happens. */
  watch(attempt: AttemptId): AbortSignal
  forget(attempt: AttemptId): void
}

export interface DeliveredJob {
  readonly id: string
  readonly payload: JobPayload
}

/** Makes the attempt that a job stands for. Rejects only when the database can't be told how it went. */
export async function execute(task: Task, job: DeliveredJob, options: ExecuteOptions): Promise<void> {
  const { db, events, nodeId } = options
  const opened = await insist(options, () => openAttempt(db, { job: job.payload, jobId: job.id, nodeId }))
  if (opened === null) return
  const about = aboutRun(opened)
  events.emit('run:started', { ...about, ...delaysOf(opened) })
  const startedAt = performance.now()
  const runLog = new RunLog({
    attempt: { runId: opened.runId, scheduledFor: job.payload.scheduled_for, attempt: opened.attempt },
    now: options.now ?? (() => opened.startedAtMs + performance.now() - startedAt),
    write: (lines) => options.runLogs.write(lines),
  })
  const outcome = await attempt(task, opened, job, runLog, options)
  const closed = await close(outcome, opened, job, runLog, options)
  if (runLog.unwritten > 0)
    options.log.warn({ run_id: opened.runId, lines: runLog.unwritten }, 'lines of its log are lost')
  if (closed === null) {
    events.emit('run:outcome-refused', about)
    return
  }
  const { runStatus: status, reason, result, error } = closed
  events.emit('run:finished', { ...about, status, reason, result, error, durationMs: performance.now() - startedAt })
}

/** Runs the task and says how it went; never rejects. */
async function attempt(
  task: Task,
  opened: OpenedAttempt,
  job: DeliveredJob,
  runLog: RunLog,
  { db, pool, events, log, nodeId, cancellations, signal, handBack }: ExecuteOptions,
): Promise<ClosedAttempt> {
  const deadline = new Deadline(opened.timeoutMs)
  const cancellation = cancellations.watch(opened)
  const ended = new AbortController()
  try {
    // Opening the attempt may have taken for as long as the worker had for it.
    signal.throwIfAborted()
    const returned = task.run({
      payload: checkPayload(task, opened.payload),
      run: {
        id: opened.runId,
        scheduleId: opened.scheduleId,
        scheduleName: opened.scheduleName,
        scheduledFor: opened.scheduledFor,
        attempt: opened.attempt,
        maxAttempts: opened.maxAttempts,
      },
      signal: AbortSignal.any([signal, deadline.signal, cancellation]),
      log: taskLog(log.child({ run_id: opened.runId, schedule: opened.scheduleName, task: task.name }), runLog),
      db: pool,
      progress: (done, total, message) =>
        reportProgress(db, { job: job.payload, nodeId }, { done, total, message: message ?? null }),
      count: (name, by = 1) => void events.emit('task:counted', { ...aboutRun(opened), ...checkedCount(name, by) }),
    })
    const givenUp = rejectedBy([deadline.signal, cancellation, handBack], ended.signal)
    return succeeded(checkResult(await Promise.race([returned, givenUp])))
  } catch (error) {
    return cancellation.aborted ? cancelled(cancellation.reason) : failed(error, opened, signal.aborted)
  } finally {
    ended.abort()
    deadline.clear()
    cancellations.forget(opened)
  }
}

function checkPayload(task: Task, payload: unknown): unknown {
  const checked = task.payload.safeParse(payload)
  if (checked.success) return checked.data
  const issues = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'payload'}: ${message}`)
  throw new PermanentError('invalid_payload', issues.join('; '))
}

function checkResult<Result>(result: Result): Result {
  try {
    JSON.stringify(result)
    return result
  } catch (error) {
    throw new PermanentError('invalid_result', `the task returned what JSON can't hold: ${(error as Error).message}`)
  }
}

/**
 * Writes what is left of the log and then how the attempt ended, so that whoever sees the one sees the other; what
 * Postgres refuses to keep of the outcome is a failure. Answers how it was closed, or null when it was no longer ours.
 */
async function close(
  outcome: ClosedAttempt,
  opened: OpenedAttempt,
  job: DeliveredJob,
  runLog: RunLog,
  options: ExecuteOptions,
): Promise<ClosedAttempt | null> {
  const write = async (closing: ClosedAttempt) => {
    const attempt = { job: job.payload, nodeId: options.nodeId }
    const closed = await insist(options, async () => {
      await runLog.end()
      return closeAttempt(options.db, attempt, closing)
    })
    return closed && { ...closing, runStatus: closed.status, reason: closed.reason }
  }
  try {
    return await write(outcome)
  } catch (error) {
    if (mayPass(error)) throw error
    const cause = new PermanentError('result_refused', `Postgres refused the result: ${(error as Error).message}`)
    return write(failed(cause, opened, false))
  }
}

/**
 * Says something to the database however long it is away: an outcome that is not written would be work done twice, and
 * an attempt whose opening went unheard would be nobody's. Gives up when the worker must stop; recovery takes over then.
 */
async function insist<Answer>(
  { events, signal }: Pick<ExecuteOptions, 'events' | 'signal'>,
  say: () => Promise<Answer>,
): Promise<Answer> {
  for (let retryInMs = 100; ; retryInMs = Math.min(5_000, retryInMs * 2)) {
    try {
      return await say()
    } catch (error) {
      if (signal.aborted || !mayPass(error)) throw error
      events.emit('component:failed', { component: 'worker', error, retryInMs })
      await delay(retryInMs)
    }
  }
}

/** Whether Postgres may take later what it does not take now: it is away, not promoted yet, or waits for a lock. */
function mayPass(error: unknown): boolean {
  return isPassing(error) || isUnavailable(error) || isLocked(error)
}

/** What a task logs goes to the log of the process and to that of the run. */
function taskLog(log: Logger, runLog: RunLog): TaskLog {
  const at =
    (level: keyof TaskLog): TaskLog[typeof level] =>
    (message, fields) => {
      log[level]({ ...fields }, message)
      runLog.add(level, message, fields)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

function aboutRun({ runId, scheduleId, scheduleName, taskName, attempt }: OpenedAttempt): RunEvent {
  return { runId, scheduleId, scheduleName, taskName, attempt }
}

function delaysOf({ origin, isFirstAttempt, latenessMs, fireDelayMs, queueDelayMs }: OpenedAttempt) {
  return { origin, isFirstAttempt, latenessMs, fireDelayMs, queueDelayMs }
}
