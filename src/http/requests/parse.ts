import type { z } from 'zod'
import { type FieldProblem, Problem } from '../problem.ts'

/** A client that got so much wrong is told the first of it. */
export const mostTold = 100

/** Reads a part of a request; what is wrong with it is a 422 that names each field. */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Problem('invalid_request', "the request has values that can't be used", {
    errors: fieldProblems(parsed.error),
  })
}

function fieldProblems(error: z.ZodError): FieldProblem[] {
  return error.issues.slice(0, mostTold).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys
        .slice(0, mostTold)
        .map((key) => ({ field: [...issue.path, key].join('.'), message: 'there is no such field' }))
    }
    return { field: issue.path.join('.') || 'body', message: issue.message }
  })
}
