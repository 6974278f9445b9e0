// One pass of the tick: due → decide → fire, then plan what is new, then promote what waited.
//
// Each step works on a batch and is a transaction of its own: rows are locked with `for update skip locked`, so that two
// ticks at once share the work instead of doing it twice, and what is decided about a row is written before the row is
// let go. The number of statements depends on the number of batches, never on the number of schedules.

import { type Decision, decide } from '../core/decide.ts'
import { plan, whyNot } from '../core/plan.ts'
import type { Events } from '../events.ts'
import { type DueRow, fire, lockDue, promoteWaiting } from '../store/firing.ts'
import { lockUnplanned, writePlans } from '../store/planning.ts'
import type { Db } from '../store/tables.ts'

const batchSize = 5_000
/** Catching up after a long downtime takes time; heartbeats must not wait for it. */
const longestDecisionMs = 200

export interface TickOptions {
  readonly db: Db
  readonly events: Events
  /** Unix milliseconds to take for now, instead of the database's clock. */
  readonly now?: number
}

/**
 * Fires one batch of what is due and plans one batch of what is unplanned. Answers whether there was anything to do: there
 * may be more then, and what was planned may be due.
 */
export async function tick(options: TickOptions): Promise<boolean> {
  const fired = await fireBatch(options)
  const planned = await planBatch(options)
  const jobs = await promoteWaiting(options.db)
  if (jobs > 0) options.events.emit('tick:promoted', { jobs })
  return fired || planned
}

async function planBatch({ db, events }: TickOptions): Promise<boolean> {
  const plans = await db
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (trx) => {
      const unplanned = await lockUnplanned(trx, batchSize)
      const plans = unplanned.map((row) => ({ id: row.id, name: row.name, ...plan(row) }))
      if (plans.length > 0) await writePlans(trx, plans)
      return plans
    })
  if (plans.length === 0) return false
  const refused = plans.flatMap(({ id, name, error }) => (error === null ? [] : [{ id, name, error }]))
  events.emit('tick:planned', { planned: plans.length - refused.length, refused })
  return true
}

async function fireBatch({ db, events, now: givenNow }: TickOptions): Promise<boolean> {
  const batch = await db
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (trx) => {
      const { now, due } = await lockDue(trx, { now: givenNow ?? null, limit: batchSize })
      if (due.length === 0) return null
      const { decided, refused } = decideAll(due, now)
      if (refused.length > 0) await writePlans(trx, refused)
      const { runs, jobs } = await fire(trx, decided)
      const lateMs = now - (due[0] as DueRow).nextRunAt
      return { refused, fired: { schedules: decided.length, runs, jobs, lateMs } }
    })
  if (batch === null) return false
  if (batch.refused.length > 0) events.emit('tick:planned', { planned: 0, refused: batch.refused })
  events.emit('tick:fired', batch.fired)
  return true
}

/**
 * Decides about as many of the due schedules as there is time for; the others stay due. One that was planned can still
 * turn out unreadable, with other time zone data for instance.
 */
function decideAll(due: readonly DueRow[], now: number) {
  const decided: { id: string; decision: Decision }[] = []
  const refused: { id: string; name: string; error: string }[] = []
  const startedAt = performance.now()
  for (const schedule of due) {
    if (performance.now() - startedAt > longestDecisionMs) break
    try {
      decided.push({ id: schedule.id, decision: decide(schedule, now) })
    } catch (error) {
      refused.push({ id: schedule.id, name: schedule.name, error: whyNot(error).error })
    }
  }
  return { decided, refused }
}
