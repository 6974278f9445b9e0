import type { ServerResponse } from 'node:http'
import { errorReply, type Reply, sendHalf } from './reply.ts'

/**
 * What may go wrong with one request.
 *
 * - `wrong-key`: 403, as for a key that was never valid or has just been revoked
 * - `no-subscription`, `not-in-plan`, `unknown-endpoint`: the other 403s; `unauthorized`: 401
 * - `rate-limited`: 429, without Retry-After as always
 * - `error-500`, `error-502`, `error-503`: a JSON error; `html-error`: 502 with a proxy's page
 * - `slow-headers`: no answer at all; `stalled-body`: half an answer, then nothing; both keep the connection open
 * - `reset`: the connection is reset; `cut-json`: an answer that ends in the middle
 * - `repeated-key`: the page names itself as the next one; `duplicate-rows`: its first row comes twice, renamed
 * - `mixed-dates`: the page is of the next business day; `empty-day`: `{"data": []}`
 */
export type Scenario =
  | 'wrong-key'
  | 'no-subscription'
  | 'not-in-plan'
  | 'unknown-endpoint'
  | 'unauthorized'
  | 'rate-limited'
  | 'error-500'
  | 'error-502'
  | 'error-503'
  | 'html-error'
  | 'slow-headers'
  | 'stalled-body'
  | 'reset'
  | 'cut-json'
  | 'repeated-key'
  | 'duplicate-rows'
  | 'mixed-dates'
  | 'empty-day'

const html = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>'

const errors: Partial<Record<Scenario, Reply>> = {
  'wrong-key': errorReply(403, 'The incoming api key is invalid or expired.'),
  'no-subscription': errorReply(403, 'There is no active subscription for this account.'),
  'not-in-plan': errorReply(403, 'This API is not available on your subscription.'),
  'unknown-endpoint': errorReply(403, 'The requested endpoint does not exist.'),
  unauthorized: errorReply(401, 'Unauthorized'),
  'rate-limited': errorReply(429, 'Too many requests.'),
  'error-500': errorReply(500, 'Unexpected error. Please try again later.'),
  'error-502': errorReply(502, 'Internal server error'),
  'error-503': errorReply(503, 'Service Unavailable'),
  'html-error': { status: 502, contentType: 'text/html', body: html },
}

/** What a scenario answers instead of data; undefined for those that are not an error. */
export function scenarioReply(scenario: Scenario): Reply | undefined {
  return errors[scenario]
}

/** Scenarios whose request never gets a whole answer. */
type Unanswered = 'slow-headers' | 'stalled-body' | 'reset'

export function leavesUnanswered(scenario: Scenario | undefined): scenario is Unanswered {
  return scenario === 'slow-headers' || scenario === 'stalled-body' || scenario === 'reset'
}

/** Leaves a request without its answer, each scenario in its own way. */
export function breakOff(scenario: Unanswered, response: ServerResponse, reply: Reply): void {
  if (scenario === 'stalled-body') sendHalf(response, reply)
  if (scenario === 'reset') response.socket?.resetAndDestroy()
}

export function cutShort(reply: Reply): Reply {
  return { ...reply, body: reply.body.slice(0, reply.body.length / 2) }
}
