import { type ProblemCode, problems } from './problems.ts'

/** What is wrong with one field of a request. */
export interface FieldProblem {
  readonly field: string
  readonly message: string
  readonly hint?: string | undefined
}

interface ProblemDetails {
  readonly errors?: readonly FieldProblem[]
  /** Headers that go with the answer. */
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer other than success, as RFC 9457 problem details. `code` is stable; the texts are for people. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly status: number
  readonly errors: readonly FieldProblem[]
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ProblemCode, detail: string, { errors = [], headers = {} }: ProblemDetails = {}) {
    super(detail)
    this.code = code
    this.status = problems[code].status
    this.errors = errors
    this.headers = headers
  }
}

export function notFound(what: 'schedule' | 'run' | 'backfill' | 'key' | 'node', ref: string): Problem {
  return new Problem(`${what}_not_found`, `there is no ${what} ${JSON.stringify(ref)}`)
}

/** A 422 about one field. */
export function invalidField(field: string, message: string, hint?: string): Problem {
  return new Problem('invalid_request', message, { errors: [{ field, message, hint }] })
}
