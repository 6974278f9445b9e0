import type { ErrorRequestHandler, Response } from 'express'
import pg from 'pg'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { TimetableError } from '../core/timetable-error.ts'
import { isLocked, isUnavailable } from '../store/database.ts'
import { NameTaken, Refused } from '../store/refusal.ts'

/** What is wrong with one field of a request. */
export interface FieldProblem {
  readonly field: string
  readonly message: string
  readonly hint?: string | undefined
}

/** An answer other than success, as RFC 9457 problem details. `code` is stable; the texts are for people. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly code: string
  readonly errors: readonly FieldProblem[]

  constructor(status: number, code: string, detail: string, errors: readonly FieldProblem[] = []) {
    super(detail)
    this.status = status
    this.code = code
    this.errors = errors
  }
}

export function notFound(what: string, ref: string): Problem {
  return new Problem(404, `${what}_not_found`, `there is no ${what} ${JSON.stringify(ref)}`)
}

/** Reads a part of a request; what is wrong with it is a 422 that names each field. */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Problem(422, 'invalid_request', "the request has values that can't be used", fieldProblems(parsed.error))
}

function fieldProblems(error: z.ZodError): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), message: 'there is no such field' }))
    }
    return { field: issue.path.join('.') || 'body', message: issue.message }
  })
}

function sendProblem(response: Response, { status, code, message, errors }: Problem): void {
  response
    .status(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `urn:pgbeat:problem:${code}`,
        title: code.replaceAll('_', ' '),
        status,
        code,
        detail: message,
        ...(errors.length > 0 && { errors }),
      }),
    )
}

/** The last handler: every error ends as problem details, and only what is our fault is logged. */
export function problemHandler(log: Logger): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error)
    const problem = toProblem(error)
    if (problem.status >= 500)
      log.error({ err: error, method: request.method, url: request.originalUrl }, 'request failed')
    sendProblem(response, problem)
  }
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof Refused) {
    const fields = [{ field: error.column, message: error.message, hint: error.hint }]
    if (error instanceof NameTaken) return new Problem(409, 'name_taken', error.message, fields)
    return new Problem(422, `invalid_${error.subject}`, error.message, fields)
  }
  if (error instanceof TimetableError) {
    return new Problem(422, 'invalid_schedule', error.message, [{ field: error.field, message: error.message }])
  }
  if (isLocked(error)) {
    return new Problem(409, 'locked', 'somebody else is changing this and has not finished: try again')
  }
  if (isUnavailable(error)) return new Problem(503, 'database_unavailable', 'the database does not answer: try again')
  if (error instanceof pg.DatabaseError && error.code?.startsWith('22')) {
    return new Problem(422, 'invalid_request', error.message)
  }
  return requestProblem(error) ?? new Problem(500, 'internal_error', 'something went wrong; the log says what')
}

/** What express and its body parser say of a request that they can't read. */
function requestProblem(error: unknown): Problem | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined
  if (error.status < 400 || error.status >= 500) return undefined
  const codes: Record<number, string> = { 413: 'body_too_large', 415: 'unsupported_media_type' }
  const code = codes[error.status] ?? 'malformed_request'
  return new Problem(
    error.status,
    code,
    error.message,
    'type' in error ? [{ field: 'body', message: error.message }] : [],
  )
}
