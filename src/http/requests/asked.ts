import type { Request } from 'express'
import { Problem } from '../problem.ts'

/** What somebody asks, however they do. */
export interface Asked {
  /** In capitals. */
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly params: unknown
  /** By name a text, or several. */
  readonly query: Readonly<Record<string, unknown>>
  /** As JSON has it. */
  readonly body: unknown
  /** As in the header `If-Match`. */
  readonly ifMatch: string | undefined
  readonly idempotencyKey: string | undefined
}

/** @throws Problem malformed_request */
export function askedOverHttp(request: Request): Asked {
  refuseBrokenQuery(request)
  return {
    method: request.method,
    url: request.originalUrl,
    params: request.params,
    query: request.query,
    body: request.body,
    ifMatch: request.get('if-match'),
    idempotencyKey: request.get('idempotency-key'),
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
