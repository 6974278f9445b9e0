// What goes into a task, and what comes out of it.

import { PermanentError } from '../errors.ts'
import type { Task } from '../task.ts'

/** @throws PermanentError `invalid_payload` */
export function checkPayload<Payload>(task: Task<Payload>, payload: unknown): Payload {
  const checked = task.payload.safeParse(payload)
  if (checked.success) return checked.data
  const issues = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'payload'}: ${message}`)
  throw new PermanentError('invalid_payload', issues.join('; '))
}

/** @throws PermanentError `invalid_result` for what JSON can't hold */
export function checkResult<Result>(result: Result): Result {
  if (result === undefined) return result
  try {
    JSON.stringify(result)
    return result
  } catch (error) {
    throw new PermanentError('invalid_result', `the task returned what JSON can't hold: ${(error as Error).message}`)
  }
}
