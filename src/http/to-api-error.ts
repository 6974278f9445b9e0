import { ApiError } from '../client/api-error.ts'
import { toProblem } from './to-problem.ts'

/** What a client would be told of an error; its `cause` is the error. */
export function toApiError(error: unknown): ApiError {
  const { status, code, message: detail, errors } = toProblem(error)
  const told = errors.map(({ field, message, hint }) => ({ field, message, ...(hint !== undefined && { hint }) }))
  return new ApiError(status, { code, detail, errors: told }, { cause: error })
}
