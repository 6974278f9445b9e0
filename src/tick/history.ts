import type { Events } from '../events.ts'
import type { Running } from '../running.ts'
import { moveActiveWindow } from '../store/active-window.ts'
import { openPool, overPool } from '../store/database.ts'
import { daysBefore, deleteFromDefault, deleteOldBackfill, dropDay, retainedSince } from '../store/retention.ts'
import type { Db } from '../store/tables.ts'
import { keepFigures } from './figures.ts'

const everyMs = 60_000
const lookEveryMs = 1_000
/** Of what is deleted row by row, in one go; the rest is for the next minute. */
const mostBatches = 100
const statementTimeoutMs = 15_000
const answerTimeoutMs = 20_000

export interface KeepHistoryOptions {
  readonly connectionString: string
  /** How long a run is kept after it is over; 0 = for ever. */
  readonly retentionDays: number
  readonly events: Events
  /** Asked each second; two that do it at the same time do no harm. */
  readonly isLeading: () => boolean
}

/**
 * Writes the figures of each minute, and forgets what is older than it is to be kept, once a minute while this tick leads.
 * On a connection of its own, for what is due does not wait until the files of a day are gone.
 */
export function keepHistory({ connectionString, retentionDays, events, isLeading }: KeepHistoryOptions): Running {
  const pool = openPool({
    connectionString,
    applicationName: 'pgbeat history',
    maxConnections: 1,
    statementTimeoutMs,
    answerTimeoutMs,
  })
  const db = overPool(pool)
  const figures = keepFigures(db)
  const stopping = new AbortController()
  let doneAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let current = look()
  let stopped: Promise<void> | undefined
  return {
    stop() {
      stopped ??= stop()
      return stopped
    },
  }

  async function stop(): Promise<void> {
    stopping.abort()
    clearTimeout(timer)
    await current
    await pool.end()
  }

  async function look(): Promise<void> {
    if (isLeading()) await figures().catch(tellFailed('figures'))
    if (isLeading() && performance.now() - doneAt >= everyMs) {
      doneAt = performance.now()
      await tidyHistory({ db, retentionDays, events, signal: stopping.signal }).catch(tellFailed('history'))
    }
    if (stopping.signal.aborted) return
    timer = setTimeout(() => {
      current = look()
    }, lookEveryMs)
  }

  function tellFailed(component: string): (error: unknown) => void {
    return (error) => void events.emit('component:failed', { component, error, retryInMs: everyMs })
  }
}

export interface TidyHistoryOptions {
  readonly db: Db
  readonly retentionDays: number
  readonly events: Events
  readonly signal?: AbortSignal
}

/** Does it once: a day a transaction, and the rest in batches. */
export async function tidyHistory({ db, retentionDays, events, signal }: TidyHistoryOptions): Promise<void> {
  await moveActiveWindow(db)
  if (retentionDays === 0) return
  const keepSince = await retainedSince(db, retentionDays)
  for (const day of await daysBefore(db, keepSince)) {
    if (signal?.aborted) return
    if (await dropDay(db, day, keepSince)) events.emit('history:day-dropped', { day })
  }
  const deleted = { runs: 0, backfills: 0 }
  for (let batch = 0; batch < mostBatches && !signal?.aborted; batch += 1) {
    const runs = await deleteFromDefault(db, keepSince)
    const backfills = (await deleteOldBackfill(db, keepSince)) ? 1 : 0
    deleted.runs += runs
    deleted.backfills += backfills
    if (runs + backfills === 0) break
  }
  if (deleted.runs + deleted.backfills > 0) events.emit('history:deleted', deleted)
}
