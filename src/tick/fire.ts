import { decide } from '../core/decide.ts'
import { whyNot } from '../core/plan.ts'
import { type DueRow, lockDue } from '../store/due-schedules.ts'
import { type DecidedSchedule, fire } from '../store/firing.ts'
import { writePlans } from '../store/planning.ts'
import type { Db } from '../store/tables.ts'
import { step, type TickOptions } from './step.ts'

/** How much one batch is; heartbeats must not wait for it, and what is on time not for what is late. */
const most = {
  'on time': { schedules: 2_500, decisionMs: 200 },
  late: { schedules: 500, decisionMs: 50 },
}

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
      await fireAll(other)
    } catch (error) {
      events.emit('component:failed', { component: 'tick', error, retryInMs: 0 })
    }
  }
  const fireAll = async (session: Db) => {
    let fired = 0
    let hasMore = true
    while (hasMore && performance.now() < until) {
      const batch = await fireBatch({ db: session, events }, 'on time', callForHelp)
      if (batch.isEmpty) break
      fired += 1
      hasMore = batch.hasMore
    }
    return fired
  }
  try {
    return (await fireAll(db)) > 0
  } finally {
    while (helping.length > 0) await helping.pop()
  }
}

/** Fires one batch of what was missed, the earliest first. */
export async function fireLate(options: TickOptions): Promise<boolean> {
  return !(await fireBatch(options, 'late')).isEmpty
}

/** @param onMore called as soon as it turns out that there is more due than this batch takes */
async function fireBatch(
  { db, events }: Pick<TickOptions, 'db' | 'events'>,
  which: keyof typeof most,
  onMore = () => {},
): Promise<{ isEmpty: boolean; hasMore: boolean }> {
  const { schedules: limit, decisionMs } = most[which]
  const batch = await step({ db }, async (trx) => {
    const { now, due } = await lockDue(trx, { late: which === 'late', limit })
    if (due.length === 0) return null
    if (due.length === limit) onMore()
    const { decided, refused } = decideAll(due, now, decisionMs)
    if (refused.length > 0) await writePlans(trx, refused)
    const fired = await fire(trx, decided)
    const lateMs = now - (due[0] as DueRow).nextRunAt
    const hasMore = due.length === limit || decided.length + refused.length < due.length
    return { refused, hasMore, fired: { ...fired, schedules: decided.length, lateMs, isLate: which === 'late' } }
  })
  if (batch === null) return { isEmpty: true, hasMore: false }
  if (batch.refused.length > 0) events.emit('tick:planned', { planned: 0, refused: batch.refused })
  events.emit('tick:fired', batch.fired)
  return { isEmpty: false, hasMore: batch.hasMore }
}

/**
 * Decides about as many of the due schedules as there is time for; the others stay due. One that was planned can still
 * turn out unreadable, with other time zone data for instance.
 */
function decideAll(due: readonly DueRow[], now: number, longestMs: number) {
  const decided: DecidedSchedule[] = []
  const refused: { id: string; name: string; error: string }[] = []
  const startedAt = performance.now()
  for (const schedule of due) {
    if (performance.now() - startedAt > longestMs) break
    try {
      decided.push({ id: schedule.id, place: schedule.place, decision: decide(schedule, now) })
    } catch (error) {
      refused.push({ id: schedule.id, name: schedule.name, error: whyNot(error).error })
    }
  }
  return { decided, refused }
}
