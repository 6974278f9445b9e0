import { PermanentError, RetryLaterError } from '../../../errors.ts'
import type { DateText } from '../calendar.ts'
import { type Clock, systemClock } from '../clock.ts'
import { backoffMs } from './backoff.ts'
import { classify } from './classify.ts'
import { MixedDatesError, TransientError } from './failures.ts'
import { openGate, type RequestGate } from './gate.ts'
import { httpGet } from './http-get.ts'
import { type ListedInfo, type Page, parsePage } from './page.ts'

export interface ClientOptions {
  /** Without a slash at the end; `/v2/equities/master` is appended. */
  readonly baseUrl: string
  /** Sent as `x-api-key`, and nowhere else: not in messages, not in logs. */
  readonly apiKey: string
  /** Milliseconds for one whole answer, a stalled body included. Default 30,000. */
  readonly timeoutMs?: number
  /** How often a request that fails for a transient reason is tried in all. Default 3. */
  readonly tries?: number
  /** How many pages one answer may have; more is an error, never a cut answer. Default 200. */
  readonly pageLimit?: number
  /** The run's attempt: the first stays away for 60 s after a 429, later ones for 120 s. Default 1. */
  readonly attempt?: number
  /** Default: no limit. */
  readonly gate?: RequestGate
  readonly clock?: Clock
  readonly fetch?: typeof fetch
  /** From 0 to 1, for the jitter. */
  readonly random?: () => number
}

export interface MasterQuery {
  readonly date: DateText
  /** 4 or 5 characters; left out: every company. */
  readonly code?: string | undefined
}

/** Reads `/v2/equities/master` of the J-Quants API. */
export interface JQuantsClient {
  /**
   * The pages of one answer, each with its rows.
   * @throws TransientError once all tries failed, for a repeated pagination key and (MixedDatesError) for mixed days
   * @throws CoverageError where the account's plan doesn't cover the date
   * @throws RetryLaterError after a 429
   * @throws PermanentError for anything that would fail again
   */
  pages(query: MasterQuery, signal: AbortSignal): AsyncGenerator<readonly ListedInfo[], void, void>
}

export function createClient(options: ClientOptions): JQuantsClient {
  const {
    baseUrl,
    apiKey,
    timeoutMs = 30_000,
    tries = 3,
    pageLimit = 200,
    attempt = 1,
    gate = openGate,
    clock = systemClock,
    random = Math.random,
  } = options
  const rateLimitDelayMs = attempt === 1 ? 60_000 : 120_000

  async function tryPage(query: MasterQuery, key: string | null, signal: AbortSignal): Promise<Page> {
    await gate.enter(key !== null, signal)
    const url = masterUrl(baseUrl, query, key)
    const headers = { 'x-api-key': apiKey, accept: 'application/json' }
    const answer = await httpGet(url, { headers, timeoutMs, clock, signal, fetch: options.fetch ?? fetch })
    if (answer.status >= 200 && answer.status < 300) return parsePage(answer.body)
    // A server may repeat the key that it refuses.
    const body = answer.body.replaceAll(apiKey, '[key]')
    const failure = classify({ ...answer, body }, query.date, rateLimitDelayMs)
    if (failure instanceof RetryLaterError) await gate.close(failure.delayMs)
    throw failure
  }

  async function getPage(query: MasterQuery, key: string | null, signal: AbortSignal): Promise<Page> {
    for (let failed = 0; ; ) {
      try {
        return await tryPage(query, key, signal)
      } catch (error) {
        if (!(error instanceof TransientError) || ++failed >= tries) throw error
        await clock.sleep(backoffMs(failed, random()), signal)
      }
    }
  }

  async function* pages(query: MasterQuery, signal: AbortSignal): AsyncGenerator<readonly ListedInfo[], void, void> {
    const keys = new Set<string>()
    let key: string | null = null
    let date: DateText | undefined
    for (let count = 1; ; count++) {
      const page: Page = await getPage(query, key, signal)
      for (const row of page.rows) {
        date ??= row.date
        if (row.date !== date) throw new MixedDatesError(date, row.date)
      }
      yield page.rows
      key = page.nextKey
      if (key === null) return
      if (keys.has(key)) {
        throw new TransientError('repeated_pagination_key', 'J-Quants sent the same pagination key twice')
      }
      if (count >= pageLimit) {
        throw new PermanentError('too_many_pages', `The answer for ${query.date} has more than ${pageLimit} pages`)
      }
      keys.add(key)
    }
  }

  return { pages }
}

function masterUrl(baseUrl: string, { date, code }: MasterQuery, key: string | null): URL {
  const url = new URL(`${baseUrl}/v2/equities/master`)
  url.searchParams.set('date', date)
  if (code) url.searchParams.set('code', code)
  if (key) url.searchParams.set('pagination_key', key)
  return url
}
