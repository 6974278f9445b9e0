import type { z } from 'zod'
import { type Call, type Caller, type Endpoint, nothing } from '../endpoint.ts'
import { invalidField } from '../problem.ts'
import type { Asked } from './asked.ts'
import { parse } from './parse.ts'

export type AnyCall = Call<unknown, unknown, unknown>

/**
 * What is asked as its endpoint's handler takes it.
 * @throws Problem invalid_request
 */
export function readCall(endpoint: Endpoint, { params, query, body, ifMatch }: Asked, caller: Caller): AnyCall {
  return {
    params,
    query: parse(endpoint.query ?? (nothing as z.ZodType), { ...query }),
    body: endpoint.body === undefined ? undefined : parse(endpoint.body, body),
    caller,
    revisions: endpoint.isConditional === true ? revisionsIn(ifMatch) : null,
  }
}

/** `"3"`, `"3", "4"` and the bare number; `*` and nothing at all mean any. */
function revisionsIn(header: string | undefined): string[] | null {
  if (header === undefined || header.trim() === '*') return null
  const revisions = header.split(',').map((tag) => /^\s*(?:W\/)?(?:"(\d{1,18})"|(\d{1,18}))\s*$/.exec(tag))
  return revisions.map((match) => {
    const revision = match?.[1] ?? match?.[2]
    if (revision === undefined) throw invalidField('If-Match', 'must be revisions in quotes, such as "3", or *')
    return revision
  })
}
