import { setTimeout as delay } from 'node:timers/promises'
import { reconnectMs } from '../core/backoff.ts'
import { limit, listen, neverScan, openSession, overSession } from '../store/database.ts'
import { noteMirror, wakeTick } from '../store/mirror.ts'
import { requireOwnBackend } from '../store/pooler.ts'
import type { Db } from '../store/tables.ts'
import { Wake } from '../wake.ts'
import { Coalescer } from './coalesce.ts'
import { Echoes } from './echoes.ts'
import { Link, RedisUnusableError } from './link.ts'
import { Mirror } from './mirror.ts'
import type { RunMirrorOptions } from './run-mirror.ts'

/** Covers a lost NOTIFY, and finds out when Redis has lost something. */
const longestSleepMs = 1_000
/** While subscribers are coming back. */
const waitingSleepMs = 100
/** While Redis is away that is told again this often. */
const tellAgainMs = 30_000
const limits = { statementMs: 30_000, lockMs: 10_000, pauseMs: 10_000 }

/** Copies events until told to stop, whatever fails meanwhile. */
export async function mirrorUntil(signal: AbortSignal, nodeId: string, options: RunMirrorOptions): Promise<void> {
  const { connectionString, events, redisUrl, channel, streamLength, minIntervalMs } = options
  const wake = new Wake()
  const echoes = new Echoes()
  const health = new Health()
  let db: Db | undefined
  let heard = 0
  const tellTick = new Coalescer(() => {
    events.emit('mirror:heard', { channel, messages: heard })
    heard = 0
    // A tick that can't be told has no database to look at either.
    if (db !== undefined) wakeTick(db).catch(() => {})
  }, minIntervalMs)
  const link = new Link({
    url: redisUrl,
    channel,
    onReady: () => wake.now(),
    onMessage(message) {
      if (echoes.hear(message)) return
      heard += 1
      tellTick.ask()
    },
  })
  // Who has to stop does not wait for an answer of a Redis that has gone silent.
  const stop = () => {
    wake.now()
    link.end()
  }
  signal.addEventListener('abort', stop)
  let failures = 0
  try {
    await link.tried
    while (!signal.aborted) await copyOnSession().catch(failed)
  } finally {
    signal.removeEventListener('abort', stop)
    tellTick.stop()
    link.end()
  }

  async function failed(error: unknown): Promise<void> {
    failures += 1
    const retryInMs = reconnectMs(failures, Math.random())
    events.emit('component:failed', { component: 'mirror', error, retryInMs })
    await delay(retryInMs, undefined, { signal }).catch(() => {})
  }

  /** @throws when the session can't be opened, or breaks */
  async function copyOnSession(): Promise<void> {
    const answerTimeoutMs = limits.statementMs + 2_000
    const session = await openSession(connectionString, 'pgbeat mirror', { answerTimeoutMs })
    session.on('notification', () => wake.now())
    session.on('end', () => wake.now())
    try {
      await requireOwnBackend(session, connectionString)
      await listen(session, ['pgbeat_schedules'])
      await limit(session, limits)
      await neverScan(session)
      db = overSession(session)
      await copy(db)
    } finally {
      db = undefined
      await session.end()
    }
  }

  async function copy(db: Db): Promise<void> {
    const mirror = new Mirror({
      db,
      link,
      channel,
      streamLength,
      events,
      onPublish: (messages) => echoes.expect(messages),
    })
    while (!signal.aborted) {
      const { isUpToDate, error } = await outcomeOf(mirror.pass())
      if (signal.aborted) return
      failures = 0
      if (health.isNews(error)) {
        if (error === null) events.emit('mirror:connected', { channel })
        else events.emit('mirror:failed', { channel, error, lag: mirror.lag })
      }
      await noteMirror(db, { channel, nodeId, error: error?.message ?? null })
      await wake.sleep(isUpToDate || error !== null ? longestSleepMs : waitingSleepMs)
    }
  }
}

async function outcomeOf(pass: Promise<boolean>): Promise<{ isUpToDate: boolean; error: RedisUnusableError | null }> {
  try {
    return { isUpToDate: await pass, error: null }
  } catch (error) {
    if (error instanceof RedisUnusableError) return { isUpToDate: false, error }
    throw error
  }
}

/** Whether Redis can be used, as it was told last. */
class Health {
  #isWell: boolean | undefined
  #toldAt = Number.NEGATIVE_INFINITY

  isNews(error: Error | null): boolean {
    const isWell = error === null
    const isDue = !isWell && performance.now() - this.#toldAt >= tellAgainMs
    if (isWell === this.#isWell && !isDue) return false
    this.#isWell = isWell
    this.#toldAt = performance.now()
    return true
  }
}
