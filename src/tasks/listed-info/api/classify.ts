import { z } from 'zod'
import { PermanentError, RetryLaterError } from '../../../errors.ts'
import type { DateText } from '../calendar.ts'
import { CoverageError, TransientError } from './failures.ts'

export interface HttpAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** J-Quants has no error codes: only the text of a 400 or 403 tells what is wrong. */
const COVERAGE = /subscription covers the following dates:\s*(\d{4}-\d{2}-\d{2})?\s*~\s*(\d{4}-\d{2}-\d{2})?/i

const errorBody = z
  .string()
  .transform((body, context): unknown => {
    try {
      return JSON.parse(body)
    } catch {
      context.addIssue({ code: 'custom', message: 'not JSON' })
      return z.NEVER
    }
  })
  .pipe(z.object({ message: z.string() }))

const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/api key is required/i, 'api_key_missing'],
  [/api key is invalid or expired/i, 'api_key_invalid'],
  [/no active subscription/i, 'no_active_subscription'],
  [/not available on your subscription/i, 'not_in_subscription'],
  [/requested endpoint does not exist/i, 'endpoint_unknown'],
]

/**
 * What an answer other than 2xx means.
 * @param date the day that was asked for
 * @param rateLimitDelayMs how long to stay away after a 429, which never says so itself
 */
export function classify(answer: HttpAnswer, date: DateText, rateLimitDelayMs: number): Error {
  const { status } = answer
  const said = messageOf(answer)
  const text = `J-Quants answered ${status}: ${said}`
  if (status === 429) return new RetryLaterError('rate_limited', text, rateLimitDelayMs)
  if (status >= 500) return new TransientError('server_error', text)
  const coverage = status === 400 ? COVERAGE.exec(said) : null
  if (coverage) return new CoverageError(date, coverage[1] ?? null, coverage[2] ?? null)
  if (status === 400) return new PermanentError('bad_request', text)
  if (status === 401) return new PermanentError('unauthorized', text)
  if (status === 403) {
    const known = FORBIDDEN.find(([pattern]) => pattern.test(said))
    return new PermanentError(known?.[1] ?? 'forbidden', text)
  }
  return new PermanentError('unexpected_status', text)
}

/** The `message` of a JSON body; any other body is named, and shown only in part. */
function messageOf({ body, contentType }: HttpAnswer): string {
  const json = errorBody.safeParse(body)
  if (json.success) return json.data.message.slice(0, 500)
  const text = body
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return `(${contentType || 'no content type'}) ${text.slice(0, 200)}`.trim()
}
