import { PermanentError, RetryLaterError } from '../../errors.ts'

/** Something that may well work when it is tried again: the network, a timeout, a server in trouble. */
export class TransientError extends Error {
  override readonly name = 'TransientError'
  /** Kept as `error.code` of the run. */
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** What a server asks for beyond this is not waited for. */
const longestDelayMs = 86_400_000

export interface Refusal {
  readonly status: number
  /** The header `Retry-After`. */
  readonly retryAfter: string | undefined
  /** What the answer says, shortened. */
  readonly said: string
}

/** Whether a status is one of those, each like 204 or 200-299. */
export function isAmong(status: number, ranges: readonly string[]): boolean {
  return ranges.some((range) => {
    const [first = range, last = first] = range.split('-')
    return Number(first) <= status && status <= Number(last)
  })
}

/** What an answer means that is no success. */
export function failureOf({ status, retryAfter, said }: Refusal, retried: readonly string[], now: number): Error {
  const message = `the answer is ${status}${said === '' ? '' : `: ${said}`}`
  if (!isAmong(status, retried)) return new PermanentError(`http_${status}`, message)
  const delayMs = delayOf(retryAfter, now)
  if (delayMs === undefined) return new TransientError(`http_${status}`, message)
  return new RetryLaterError(`http_${status}`, message, Math.min(delayMs, longestDelayMs))
}

/** Seconds, or a date as HTTP writes it. */
function delayOf(retryAfter: string | undefined, now: number): number | undefined {
  if (retryAfter === undefined) return undefined
  if (/^\s*\d+\s*$/.test(retryAfter)) return Number(retryAfter) * 1_000
  const at = Date.parse(retryAfter)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** What it means that there is no answer: undici hides some of it in `cause`. */
export function unreachable(error: unknown): Error {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof PermanentError || cause instanceof TransientError) return cause
  }
  const { code } = error as { code?: unknown }
  const reason = error instanceof Error ? describe(error) : String(error)
  return new TransientError('network', `no answer: ${reason}${typeof code === 'string' ? ` (${code})` : ''}`)
}

/** What failed at several addresses has a message for each. */
function describe(error: Error): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(describe))].join('; ')
  return error.message
}
