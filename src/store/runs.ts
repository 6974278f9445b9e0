import { type Selectable, sql } from 'kysely'
import type { RunStatus } from '../core/run-state.ts'
import { type Actor, asActor } from './as-actor.ts'
import { seconds } from './duration.ts'
import { isNotFound } from './refusal.ts'
import type { AttemptsTable, Db, RunsTable } from './tables.ts'

export type Run = Selectable<RunsTable>
export type Attempt = Selectable<AttemptsTable>

export interface RunFilter {
  readonly scheduleId?: string | undefined
  readonly taskName?: string | undefined
  readonly status?: RunStatus | undefined
}

/** One page of runs, the newest first. */
export async function listRuns(
  db: Db,
  { scheduleId, taskName, status }: RunFilter,
  { limit, offset }: { limit: number; offset: number },
): Promise<Run[]> {
  let query = db.selectFrom('pgbeat.runs').selectAll().select(seconds('timeout'))
  if (scheduleId !== undefined) query = query.where('schedule_id', '=', scheduleId).orderBy('scheduled_for', 'desc')
  if (taskName !== undefined) query = query.where('task_name', '=', taskName)
  if (status !== undefined) query = query.where('status', '=', status)
  return query.orderBy('id', 'desc').limit(limit).offset(offset).execute()
}

/** How many runs a filter finds, counted up to a bound so that a long history stays quick to page through. */
export async function countRuns(db: Db, { scheduleId, taskName, status }: RunFilter, bound: number): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*) from (
      select from pgbeat.runs
      where (${scheduleId ?? null}::uuid is null or schedule_id = ${scheduleId ?? null}::uuid)
        and (${taskName ?? null}::text is null or task_name = ${taskName ?? null}::text)
        and (${status ?? null}::text is null or status = ${status ?? null}::text)
      limit ${bound}
    ) bounded`.execute(db)
  return Number(rows[0]?.count)
}

export async function findRun(db: Db, id: string): Promise<{ run: Run; attempts: Attempt[] } | null> {
  const run = await db
    .selectFrom('pgbeat.runs')
    .selectAll()
    .select(seconds('timeout'))
    .where('id', '=', id)
    .executeTakeFirst()
  if (run === undefined) return null
  const attempts = await db
    .selectFrom('pgbeat.attempts')
    .selectAll()
    .where('run_id', '=', id)
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
