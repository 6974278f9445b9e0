import { type Selectable, sql } from 'kysely'
import { type Actor, asActor } from './as-actor.ts'
import { seconds } from './duration.ts'
import { instantText } from './page.ts'
import { isNotFound } from './refusal.ts'
import type { AttemptsTable, Db, RunsTable } from './tables.ts'

export type Run = Selectable<RunsTable>
export type Attempt = Selectable<AttemptsTable>

/** A run with its attempts, the first of them first; null when there is none. */
export async function findRun(db: Db, id: string): Promise<{ run: Run; attempts: Attempt[] } | null> {
  // Partitions are by instant: with it one of them is asked instead of all.
  const { rows } = await sql<{ at: string | null }>`
    select ${instantText(sql`pgbeat.run_instant(${id})`)} as at`.execute(db)
  const at = sql<Date>`${rows[0]?.at}::timestamptz`
  const run = await db
    .selectFrom('pgbeat.runs')
    .selectAll()
    .select(seconds('retry_delay', 'timeout'))
    .where('id', '=', id)
    .where('scheduled_for', '=', at)
    .executeTakeFirst()
  if (run === undefined) return null
  const attempts = await db
    .selectFrom('pgbeat.attempts')
    .selectAll()
    .where('run_id', '=', id)
    .where('scheduled_for', '=', at)
    .orderBy('attempt')
    .execute()
  return { run, attempts }
}

/**
 * Runs a schedule now, besides its timetable; answers the run's id, or null when there is no such schedule.
 * @param schedule id or name
 * @param payload instead of the schedule's own, for this once; undefined keeps the schedule's
 */
export async function triggerRun(db: Db, actor: Actor, schedule: string, payload?: unknown): Promise<string | null> {
  const json = payload === undefined ? null : JSON.stringify(payload)
  try {
    return await asActor(db, actor, async (trx) => {
      const { rows } = await sql<{ id: string }>`select pgbeat.trigger(${schedule}, ${json}) as id`.execute(trx)
      return rows[0]?.id ?? null
    })
  } catch (error) {
    if (isNotFound(error)) return null
    throw error
  }
}

/** Cancels a run: one under way ends as soon as its worker has heard of it. Answers false when it is over already. */
export async function cancelRun(db: Db, actor: Actor, id: string): Promise<boolean> {
  return asActor(db, actor, async (trx) => {
    const { rows } = await sql<{ cancelled: boolean }>`select pgbeat.cancel(${id}) as cancelled`.execute(trx)
    return rows[0]?.cancelled ?? false
  })
}

/**
 * Runs a run that is over again, now. Answers false when it is under way already, null when there is no such run.
 * @throws Refused for a run that stands for a range of missed instants
 */
export async function retryRun(db: Db, actor: Actor, id: string): Promise<boolean | null> {
  try {
    return await asActor(db, actor, async (trx) => {
      const { rows } = await sql<{ retried: boolean }>`select pgbeat.retry(${id}) as retried`.execute(trx)
      return rows[0]?.retried ?? null
    })
  } catch (error) {
    if (isNotFound(error)) return null
    throw error
  }
}
