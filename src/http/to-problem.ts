import pg from 'pg'
import { TimetableError } from '../core/timetable-error.ts'
import { isDeadlocked, isLocked, isUnavailable } from '../store/postgres-errors.ts'
import { NameTaken, Refused } from '../store/refusal.ts'
import { Problem } from './problem.ts'
import type { ProblemCode } from './problems.ts'

/** What is answered for an error, whatever it is. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof Refused) {
    const errors = [{ field: error.column, message: error.message, hint: error.hint }]
    return new Problem(error instanceof NameTaken ? 'name_taken' : refusals[error.subject], error.message, { errors })
  }
  if (error instanceof TimetableError) {
    return new Problem('invalid_schedule', error.message, { errors: [{ field: error.field, message: error.message }] })
  }
  const unreadable = requestProblem(error)
  if (unreadable !== undefined) return unreadable
  if (isLocked(error) || isDeadlocked(error)) {
    return new Problem('locked', 'somebody else is changing this and has not finished: try again')
  }
  if (isUnavailable(error)) {
    return new Problem('database_unavailable', 'the database does not answer: try again', retryInASecond)
  }
  if (error instanceof pg.DatabaseError && error.code?.startsWith('22')) {
    return new Problem('invalid_request', error.message)
  }
  return new Problem('internal_error', 'something went wrong; the log says what')
}

const refusals = {
  schedule: 'invalid_schedule',
  backfill: 'invalid_backfill',
  run: 'invalid_run',
  api_key: 'invalid_request',
} as const satisfies Record<Refused['subject'], ProblemCode>

const retryInASecond = { headers: { 'Retry-After': '1' } }

const codesOfStatus: Readonly<Record<number, ProblemCode>> = { 413: 'body_too_large', 415: 'unsupported_media_type' }

/** What express and its body parser say of a request that they can't read. */
function requestProblem(error: unknown): Problem | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined
  if (error.status < 400 || error.status >= 500) return undefined
  const errors = 'type' in error ? [{ field: 'body', message: error.message }] : []
  return new Problem(codesOfStatus[error.status] ?? 'malformed_request', error.message, { errors })
}
