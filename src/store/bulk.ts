import { sql } from 'kysely'
import { type ScheduleFilter, schedulesMatching } from './schedule-filter.ts'
import { isId } from './schedule-ref.ts'
import type { Db } from './tables.ts'

export interface ChosenSchedule {
  readonly id: string
  readonly name: string
  readonly task_name: string
  readonly enabled: boolean
}

/** Longer than the largest bulk action takes. */
const longestStatement = '10min'

/** The schedules that somebody wants to act on, by name, and which of the filter's refs nothing has. */
export async function chooseSchedules(
  trx: Db,
  filter: ScheduleFilter,
  limit: number,
): Promise<{ schedules: ChosenSchedule[]; notFound: string[] }> {
  await sql`select set_config('statement_timeout', ${longestStatement}, true)`.execute(trx)
  const { rows: schedules } = await sql<ChosenSchedule>`
    select id, name, task_name, enabled from pgbeat.schedules
    where id in (${schedulesMatching(filter, limit)}) order by name`.execute(trx)
  const found = new Set(schedules.flatMap(({ id, name }) => [id, name]))
  const notFound = (filter.refs ?? []).filter((ref) => !found.has(isId(ref) ? ref.toLowerCase() : ref))
  return { schedules, notFound }
}

/** Answers how many it paused; @param note why, undefined = no word */
export async function pauseSchedules(trx: Db, ids: readonly string[], note: string | undefined): Promise<number> {
  await lock(trx, ids)
  return countOf(
    sql`
    update pgbeat.schedules set enabled = false, pause_note = coalesce(${note ?? null}::text, pause_note)
    where id = any(${ids}::uuid[]) and enabled`.execute(trx),
  )
}

/** Answers how many it resumed. One that can't fire is marked by the leader. */
export async function resumeSchedules(trx: Db, ids: readonly string[]): Promise<number> {
  await lock(trx, ids)
  return countOf(
    sql`update pgbeat.schedules set enabled = true where id = any(${ids}::uuid[]) and not enabled`.execute(trx),
  )
}

/** Answers how many it deleted. */
export async function deleteSchedules(trx: Db, ids: readonly string[]): Promise<number> {
  await lock(trx, ids)
  return countOf(sql`delete from pgbeat.schedules where id = any(${ids}::uuid[])`.execute(trx))
}

/** Answers how many it runs; @param payload as in `triggerRun` */
export async function triggerSchedules(trx: Db, ids: readonly string[], payload: unknown): Promise<number> {
  const json = payload === undefined ? null : JSON.stringify(payload)
  const { rows } = await sql`
    select pgbeat.trigger(s.id::text, ${json}) from pgbeat.schedules s where s.id = any(${ids}::uuid[])`.execute(trx)
  return rows.length
}

/** In one order everywhere, so that two who act on the same schedules wait for each other at the first of them. */
async function lock(trx: Db, ids: readonly string[]): Promise<void> {
  await sql`select from pgbeat.schedules where id = any(${ids}::uuid[]) order by id for update`.execute(trx)
}

async function countOf(statement: Promise<{ readonly numAffectedRows?: bigint }>): Promise<number> {
  return Number((await statement).numAffectedRows ?? 0n)
}
