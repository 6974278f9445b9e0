import { sql } from 'kysely'
import { type Plan, plan, type UnplannedSchedule } from '../core/plan.ts'
import { arrayOf, fromMs } from './array.ts'
import type { Db } from './tables.ts'
import { type TimetableRow, timetableColumns, toTimetable } from './timetable-row.ts'

export interface UnplannedRow extends UnplannedSchedule {
  readonly id: string
  readonly name: string
}

/** Locks up to `limit` schedules that have no next instant yet. What another tick is planning is passed over. */
export async function lockUnplanned(db: Db, limit: number): Promise<UnplannedRow[]> {
  const { rows } = await sql<UnplannedSelection>`
    select ${unplannedColumns}
    from pgbeat.schedules
    where enabled and next_run_at is null and error is null
    limit ${limit}
    for update skip locked`.execute(db)
  return rows.map(toUnplannedRow)
}

/** What the tick would plan for a schedule; writes nothing. */
export async function planOf(db: Db, id: string): Promise<Plan> {
  const { rows } = await sql<UnplannedSelection>`
    select ${unplannedColumns} from pgbeat.schedules where id = ${id}`.execute(db)
  return plan(toUnplannedRow(rows[0] as UnplannedSelection))
}

/** The same for those of several that are enabled. */
export async function plansOf(db: Db, ids: readonly string[]): Promise<Plan[]> {
  const { rows } = await sql<UnplannedSelection>`
    select ${unplannedColumns} from pgbeat.schedules where id = any(${ids}::uuid[]) and enabled`.execute(db)
  return rows.map((row) => plan(toUnplannedRow(row)))
}

export type UnplannedSelection = TimetableRow & {
  readonly id: string
  readonly name: string
  readonly active_since: number
  readonly last_run_at: number | null
}

export const unplannedColumns = sql`
  id, name, ${timetableColumns},
  ceil(extract(epoch from active_since) * 1000)::float8 as active_since,
  (extract(epoch from last_run_at) * 1000)::float8 as last_run_at`

export function toUnplannedRow(row: UnplannedSelection): UnplannedRow {
  return {
    id: row.id,
    name: row.name,
    timetable: toTimetable(row),
    activeSince: row.active_since,
    lastRunAt: row.last_run_at,
    maxRuns: row.max_runs,
    runCount: Number(row.run_count),
  }
}

/** Writes what is next for each schedule. One with an error has nothing, and the tick passes it over until it is edited. */
export async function writePlans(
  db: Db,
  plans: readonly { readonly id: string; readonly nextRunAt?: number | null; readonly error: string | null }[],
): Promise<void> {
  await sql`
    update pgbeat.schedules s set
      next_run_at = case when p.error is null then coalesce(${fromMs('p.next_run_at')}, 'infinity') end, error = p.error
    from unnest(
      ${arrayOf(plans, ({ id }) => id)}::uuid[],
      ${arrayOf(plans, ({ nextRunAt, error }) => (error === null ? (nextRunAt ?? null) : null))}::float8[],
      ${plans.map(({ error }) => error)}::text[]
    ) as p(id, next_run_at, error)
    where s.id = p.id`.execute(db)
}

/** In `next_run_at`, infinity says that nothing will ever be due again. */
export function toInstant(instant: number | null): string {
  return instant === null ? 'infinity' : new Date(instant).toISOString()
}

export function toInstantOrNull(instant: number | null): string | null {
  return instant === null ? null : toInstant(instant)
}
