/**
 * DESIGN
 *
 * The pace of an account is kept in `jquants.request_limits` (see the migration), so any number of workers share it.
 * What this module decides is who waits where when the pace is used up.
 *
 * - Up to 5 s: the worker waits, as it would for a slow answer.
 * - Longer: the attempt gives its worker back with RetryLaterError. Days that are saved stay saved and are not fetched
 *   again, so on a free account (5 requests a minute) a run of 21 days takes 5 attempts of a second each, a minute
 *   apart.
 * - Except where giving up would cost more than waiting: in the middle of a day, whose first pages would have been
 *   fetched for nothing, and on the run's last attempt, which nothing comes after.
 *
 * It ends: slots are handed out in order and every wait for one is finite, so the last attempt reaches its last day,
 * whatever the attempts before it got done. 21 days then take it about 4 minutes at most, a full year about 50.
 */
import { createHash } from 'node:crypto'
import type pg from 'pg'
import { RetryLaterError } from '../../errors.ts'
import type { RequestGate } from './api/gate.ts'
import type { Clock } from './clock.ts'

const PATIENCE_MS = 5_000

export interface RateLimitOptions {
  readonly db: pg.Pool
  readonly apiKey: string
  readonly baseUrl: string
  readonly requestsPerMinute: number
  /** Waits as long as it takes, because no later attempt would. */
  readonly lastAttempt: boolean
  readonly clock: Clock
}

/** A gate that all workers on one database share for one account. */
export function createRateLimit(options: RateLimitOptions): RequestGate {
  const { db, clock, requestsPerMinute, lastAttempt } = options
  const account = accountHash(options.apiKey, options.baseUrl)

  return {
    async enter(begun, signal) {
      const patience = begun || lastAttempt ? null : PATIENCE_MS
      const { rows } = await db.query<{ taken: boolean; wait_ms: string }>(
        'select taken, wait_ms from jquants.take_request_slot($1, $2, $3)',
        [account, requestsPerMinute, patience],
      )
      const { taken, wait_ms } = rows[0] ?? { taken: true, wait_ms: '0' }
      const waitMs = Number(wait_ms)
      if (!taken) {
        const pace = `${requestsPerMinute} requests a minute`
        throw new RetryLaterError('rate_limited', `The J-Quants account's ${pace} are used up`, waitMs)
      }
      if (waitMs > 0) await clock.sleep(waitMs, signal)
    },
    async close(ms) {
      await db.query('select jquants.close_account($1, $2)', [account, ms])
    },
  }
}

/** Names an account without giving its key away. */
function accountHash(apiKey: string, baseUrl: string): string {
  return createHash('sha256').update(`${baseUrl}\n${apiKey}`).digest('hex')
}
