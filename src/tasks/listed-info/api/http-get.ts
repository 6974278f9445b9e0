import type { Clock } from '../clock.ts'
import type { HttpAnswer } from './classify.ts'
import { TransientError } from './failures.ts'

export interface HttpGetOptions {
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds for the whole answer: connecting, headers and the last byte of the body. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly fetch: typeof fetch
  readonly signal: AbortSignal
}

/**
 * One GET, whatever its status.
 * @throws TransientError `timeout` or `network`
 * @throws the signal's reason once the signal is aborted
 */
export async function httpGet(url: URL, options: HttpGetOptions): Promise<HttpAnswer> {
  const { clock, timeoutMs, signal, headers } = options
  signal.throwIfAborted()
  const late = new AbortController()
  const answered = new AbortController()
  const watchdog = clock.sleep(timeoutMs, answered.signal).then(
    () => late.abort(new TransientError('timeout', `J-Quants did not answer within ${timeoutMs / 1000} s`)),
    () => undefined,
  )
  try {
    const response = await options.fetch(url, {
      headers,
      // Following a redirect would carry the key to wherever it points.
      redirect: 'manual',
      signal: AbortSignal.any([signal, late.signal]),
    })
    const body = await response.text()
    return { status: response.status, contentType: response.headers.get('content-type') ?? '', body }
  } catch (error) {
    signal.throwIfAborted()
    late.signal.throwIfAborted()
    throw new TransientError('network', `J-Quants could not be reached: ${describe(error)}`)
  } finally {
    answered.abort()
    await watchdog
  }
}

/** fetch hides what happened in `cause`. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const { cause } = error
  return cause instanceof Error ? `${error.message} (${cause.message})` : error.message
}
