import { inspect } from 'node:util'
import pg from 'pg'
import { backoffMs } from '../core/backoff.ts'
import { PermanentError, RetryLaterError } from '../errors.ts'
import type { RunToTry } from '../store/attempts.ts'
import type { ClosedAttempt } from '../store/outcomes.ts'
import type { RunError } from '../store/tables.ts'
import { PartialResult } from '../task.ts'
import { AttemptTimeout } from './deadline.ts'

export function succeeded(returned: unknown): ClosedAttempt {
  const isPartial = returned instanceof PartialResult
  return {
    attemptStatus: 'succeeded',
    runStatus: 'succeeded',
    reason: isPartial ? 'partial' : null,
    result: isPartial ? returned.result : returned,
    error: null,
    retryInMs: 0,
  }
}

/** The run was cancelled, and its row has the reason already; or the attempt was lost, and this will be refused. */
export function cancelled(thrown: unknown): ClosedAttempt {
  return {
    attemptStatus: 'cancelled',
    runStatus: 'cancelled',
    reason: null,
    result: null,
    error: describe(thrown),
    retryInMs: 0,
  }
}

/**
 * What a failed attempt means for its run: another attempt, now or later, or the end.
 * @param isStopping whether the worker wanted its tasks to end: no fault of theirs, so the run does not pay for it, unless
 *   the task asks for a time of its own
 */
export function failed(
  thrown: unknown,
  { attempt, maxAttempts, retryDelayMs }: Pick<RunToTry, 'attempt' | 'maxAttempts' | 'retryDelayMs'>,
  isStopping: boolean,
): ClosedAttempt {
  const delayMs = pauseMs(thrown, attempt, retryDelayMs)
  const timedOut = thrown instanceof AttemptTimeout
  const asksForLater = thrown instanceof RetryLaterError
  const interrupted = isStopping && !timedOut && !asksForLater && delayMs !== null
  const isOver = delayMs === null || (attempt >= maxAttempts && !interrupted)
  return {
    attemptStatus: timedOut ? 'timed_out' : interrupted ? 'worker_stopped' : 'failed',
    runStatus: isOver ? 'failed' : 'retrying',
    reason: timedOut && isOver ? 'timeout' : null,
    result: null,
    error: describe(thrown),
    retryInMs: isOver || interrupted ? 0 : delayMs,
  }
}

/** Milliseconds until it is worth trying again, or null when it would only fail again. */
function pauseMs(thrown: unknown, attempt: number, retryDelayMs: number | null): number | null {
  if (thrown instanceof PermanentError) return null
  if (thrown instanceof RetryLaterError) return Math.max(0, thrown.delayMs)
  if (thrown instanceof pg.DatabaseError && !isPassing(thrown)) return null
  return backoffMs(attempt, Math.random(), retryDelayMs)
}

/**
 * Whether what Postgres or the connection to it reports may be over at the next try. Of its own errors these are the
 * classes connection, transaction rollback, resources, operator intervention and system, and that a server is read-only
 * as long as it is not promoted; any other is in the statement or the data.
 */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return true
  return /^(08|25006|40|53|57|58)/.test(error.code ?? '')
}

/** An error, or whatever else was thrown, as it is kept. */
export function describe(thrown: unknown): RunError {
  if (!(thrown instanceof Error)) return { code: 'error', message: inspect(thrown) }
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'error'
  return {
    code: code.slice(0, 100),
    message: thrown.message,
    stack: thrown.stack,
  }
}
