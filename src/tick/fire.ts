import { type DueRow, lockDue } from '../store/due-schedules.ts'
import { fire } from '../store/firing.ts'
import { writePlans } from '../store/planning.ts'
import { isTaken } from '../store/postgres-errors.ts'
import type { Db } from '../store/tables.ts'
import { decideBatch, type Size } from './decide-batch.ts'
import { step, type TickOptions } from './step.ts'

/** Small, so that another session can begin soon. */
const firstBatch: Size = { schedules: 500, runs: 1_000, decisionMs: 200 }
/** Heartbeats must not wait for it. */
const furtherBatch: Size = { schedules: 2_500, runs: 5_000, decisionMs: 200 }
/** What is on time must not wait for it. */
const lateBatch: Size = { schedules: 500, runs: 500, decisionMs: 50 }

/** How long batches are fired one after the other, before there is time for anything else. */
const longestMs = 500

/**
 * Fires what is on time, the earliest first. While there is more than one batch of it, other sessions fire beside this
 * one: what one of them has locked the others pass over, and Postgres works for all of them at once.
 */
export async function fireOnTime(options: TickOptions): Promise<boolean> {
  const { db, beside = [], events } = options
  const until = performance.now() + longestMs
  const idle = [...beside]
  const helping: Promise<void>[] = []
  const callForHelp = () => {
    const other = idle.pop()
    if (other !== undefined) helping.push(help(other))
  }
  const help = async (other: Db) => {
    try {
      await fireAll(other, furtherBatch)
    } catch (error) {
      events.emit('component:failed', { component: 'tick', error, retryInMs: 0 })
    }
  }
  const fireAll = async (session: Db, first: Size) => {
    const options = { db: session, events, isLate: false, onMore: callForHelp }
    const { isEmpty, hasMore } = await fireBatch({ ...options, size: first })
    let goesOn = hasMore
    while (goesOn && performance.now() < until) {
      const batch = await fireBatch({ ...options, size: furtherBatch })
      goesOn = batch.hasMore
    }
    return !isEmpty
  }
  try {
    return await fireAll(db, firstBatch)
  } finally {
    while (helping.length > 0) await helping.pop()
  }
}

/** Fires one batch of what was missed, the earliest first. */
export async function fireLate({ db, events }: TickOptions): Promise<boolean> {
  return !(await fireBatch({ db, events, isLate: true, size: lateBatch })).isEmpty
}

interface BatchOptions extends Pick<TickOptions, 'db' | 'events'> {
  readonly isLate: boolean
  readonly size: Size
  /** Called as soon as it turns out that there is more due than this batch takes. */
  readonly onMore?: () => void
}

async function fireBatch(options: BatchOptions): Promise<{ isEmpty: boolean; hasMore: boolean }> {
  const { events, isLate } = options
  // Nearly never has an instant a run already, because of a backfill for instance.
  const batch = await carryOut(options, { mayExist: false }).catch((error: unknown) => {
    if (!isTaken(error)) throw error
    return carryOut(options, { mayExist: true })
  })
  if (batch === null) return { isEmpty: true, hasMore: false }
  if (batch.refused.length > 0) events.emit('tick:planned', { planned: 0, refused: batch.refused })
  events.emit('tick:fired', { ...batch.fired, isLate })
  return { isEmpty: false, hasMore: batch.hasMore }
}

async function carryOut(
  { db, isLate, size, onMore = () => {} }: BatchOptions,
  { mayExist }: { readonly mayExist: boolean },
) {
  return step({ db }, async (trx) => {
    const { now, due } = await lockDue(trx, { late: isLate, limit: size.schedules })
    if (due.length === 0) return null
    if (due.length === size.schedules) onMore()
    const { decided, refused } = decideBatch(due, now, size)
    if (refused.length > 0) await writePlans(trx, refused)
    const fired = await fire(trx, decided, { mayExist })
    const lateMs = now - (due[0] as DueRow).nextRunAt
    const hasMore = due.length === size.schedules || decided.length + refused.length < due.length
    return { refused, hasMore, fired: { ...fired, schedules: decided.length, lateMs } }
  })
}
