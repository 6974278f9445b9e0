import { type Selectable, sql } from 'kysely'
import type { BackfillChoice, BackfillState } from '../core/backfill.ts'
import { type Actor, asActor } from './as-actor.ts'
import { type Page, toPage } from './page.ts'
import { isNotFound, Refused } from './refusal.ts'
import type { BackfillStatusView, Db } from './tables.ts'

/** A backfill with its progress. */
export type Backfill = Selectable<BackfillStatusView>

/** What is asked for. Instants are text that Postgres reads; what is left out has the default of `pgbeat.backfill`. */
export interface BackfillRequest {
  readonly startsAt: string
  readonly endsAt: string
  readonly which: BackfillChoice
  readonly maxActive: number
  /** undefined: the schedule's own. */
  readonly payload?: unknown
}

/** @throws Refused with what `pgbeat.backfill` would say */
export async function checkBackfill(db: Db, { startsAt, endsAt, which, maxActive }: BackfillRequest): Promise<void> {
  const { rows } = await sql<{ column_name: string | null; message: string; hint: string }>`
    select (problem).* from (
      select pgbeat.backfill_problem(${startsAt}, ${endsAt}, ${which}, ${maxActive}) as problem) checked`.execute(db)
  const [problem] = rows
  if (problem?.column_name) throw new Refused('backfill', problem.column_name, problem.message, problem.hint)
}

/**
 * Asks for a backfill; answers null when there is no such schedule.
 * @param schedule id or name
 * @throws Refused
 */
export async function requestBackfill(
  db: Db,
  actor: Actor,
  schedule: string,
  { startsAt, endsAt, which, maxActive, payload }: BackfillRequest,
): Promise<Backfill | null> {
  const json = payload === undefined ? null : JSON.stringify(payload)
  try {
    return await asActor(db, actor, async (trx) => {
      const { rows } = await sql<{ id: string }>`
        select pgbeat.backfill(${schedule}, ${startsAt}, ${endsAt}, ${which}, ${maxActive}, false, ${json}) as id`.execute(
        trx,
      )
      return findBackfill(trx, rows[0]?.id as string)
    })
  } catch (error) {
    if (isNotFound(error)) return null
    throw error
  }
}

export async function findBackfill(db: Db, id: string): Promise<Backfill | null> {
  const found = await db.selectFrom('pgbeat.backfill_status').selectAll().where('id', '=', id).executeTakeFirst()
  return found ?? null
}

export interface BackfillFilter {
  readonly scheduleId?: string | undefined
  readonly status?: BackfillState | undefined
}

/**
 * One page of backfills, the newest first.
 * @param before only those with smaller ids
 */
export async function listBackfills(
  db: Db,
  { scheduleId, status }: BackfillFilter,
  { limit, offset, before }: { limit: number; offset: number; before?: string | undefined },
): Promise<Page<Backfill, { id: string }>> {
  let query = db.selectFrom('pgbeat.backfill_status')
  if (scheduleId !== undefined) query = query.where('schedule_id', '=', scheduleId)
  if (status !== undefined) query = query.where('status', '=', status)
  if (before !== undefined) query = query.where('id', '<', before)
  const rows = await query
    .selectAll()
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .offset(offset)
    .execute()
  return toPage(rows, limit)
}

/** How many there are. It stops counting at `bound` + 1. */
export async function countBackfills(db: Db, { scheduleId, status }: BackfillFilter, bound: number): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*) from (
      select from pgbeat.backfills
      where (${scheduleId ?? null}::uuid is null or schedule_id = ${scheduleId ?? null}::uuid)
        and (${status ?? null}::text is null or status = ${status ?? null}::text)
      limit ${bound + 1}
    ) bounded`.execute(db)
  return Number(rows[0]?.count)
}

/** Begins nothing more of a backfill; answers false when it is over already. */
export async function cancelBackfill(db: Db, actor: Actor, id: string): Promise<boolean> {
  return asActor(db, actor, async (trx) => {
    const { rows } = await sql<{ cancelled: boolean }>`select pgbeat.cancel_backfill(${id}) as cancelled`.execute(trx)
    return rows[0]?.cancelled ?? false
  })
}
