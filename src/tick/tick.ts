// One pass of the tick: due → decide → fire, then plan what is new, then promote what waited.
//
// Each step works on a batch and is a transaction of its own: rows are locked with `for update skip locked`, so that two
// ticks at once share the work instead of doing it twice, and what is decided about a row is written before the row is
// let go. The number of statements depends on the number of batches, never on the number of schedules.

import { type Decision, decide } from '../core/decide.ts'
import { plan } from '../core/plan.ts'
import { TimetableError } from '../core/timetable.ts'
import type { Events } from '../events.ts'
import { type DueRow, fire, lockDue, promoteWaiting } from '../store/firing.ts'
import { lockUnplanned, markBroken, writePlans } from '../store/planning.ts'
import type { Db } from '../store/tables.ts'

const batchSize = 5_000

export interface TickOptions {
  readonly db: Db
  readonly events: Events
  /** Unix milliseconds to take for now, instead of the database's clock. */
  readonly now?: number
}

/** Fires what is due and plans what is unplanned, until nothing is. */
export async function tick(options: TickOptions): Promise<void> {
  do {
    while (await fireBatch(options)) {}
  } while (await planBatch(options))
  const jobs = await promoteWaiting(options.db)
  if (jobs > 0) options.events.emit('tick:promoted', { jobs })
}

/** Answers whether it planned any, which may be due already. */
async function planBatch({ db, events }: TickOptions): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const unplanned = await lockUnplanned(trx, batchSize)
    if (unplanned.length === 0) return false
    const plans = unplanned.map((row) => ({ id: row.id, name: row.name, ...plan(row) }))
    await writePlans(trx, plans)
    const refused = plans.flatMap(({ id, name, error }) => (error === null ? [] : [{ id, name, error }]))
    events.emit('tick:planned', { planned: plans.length - refused.length, refused })
    return true
  })
}

/** Answers whether there may be more to fire. */
async function fireBatch({ db, events, now: givenNow }: TickOptions): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { now, due } = await lockDue(trx, { now: givenNow ?? null, limit: batchSize })
    if (due.length === 0) return false
    const decided: { id: string; decision: Decision }[] = []
    const refused: { id: string; name: string; error: string }[] = []
    for (const schedule of due) {
      const decision = decideOrRefuse(schedule, now)
      if (typeof decision === 'string') refused.push({ id: schedule.id, name: schedule.name, error: decision })
      else decided.push({ id: schedule.id, decision })
    }
    for (const { id, error } of refused) await markBroken(trx, id, error)
    if (refused.length > 0) events.emit('tick:planned', { planned: 0, refused })
    const { runs, jobs } = await fire(trx, decided)
    const earliest = (due[0] as DueRow).nextRunAt
    events.emit('tick:fired', { schedules: decided.length, runs, jobs, lateMs: now - earliest })
    const isBehind = decided.some(({ decision }) => decision.nextRunAt !== null && decision.nextRunAt <= now)
    return isBehind || due.length === batchSize
  })
}

/** A schedule that was planned can still turn out unreadable, with other time zone data for instance. */
function decideOrRefuse(schedule: DueRow, now: number): Decision | string {
  try {
    return decide(schedule, now)
  } catch (error) {
    if (error instanceof TimetableError) return error.message
    throw error
  }
}
