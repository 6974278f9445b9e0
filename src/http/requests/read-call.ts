import type { Request } from 'express'
import type { z } from 'zod'
import { type Call, type Caller, type Endpoint, nothing } from '../endpoint.ts'
import { invalidField, Problem } from '../problem.ts'
import { parse } from './parse.ts'

type AnyCall = Call<unknown, unknown, unknown>

/** A request as its endpoint's handler takes it. */
export function readCall(endpoint: Endpoint, request: Request, caller: Caller): AnyCall {
  refuseBrokenQuery(request)
  return {
    params: request.params,
    query: parse(endpoint.query ?? (nothing as z.ZodType), { ...request.query }),
    body: endpoint.body === undefined ? undefined : parse(endpoint.body, request.body),
    caller,
    revisions: endpoint.isConditional === true ? revisionsIn(request.get('if-match')) : null,
    request,
  }
}

/** What is no UTF-8 would be read as something else. */
function refuseBrokenQuery({ originalUrl }: Request): void {
  const mark = originalUrl.indexOf('?')
  const query = mark === -1 ? '' : originalUrl.slice(mark + 1)
  try {
    decodeURIComponent(query)
  } catch {
    throw new Problem('malformed_request', 'the query is not percent-encoded UTF-8')
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
