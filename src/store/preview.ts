import { sql } from 'kysely'
import type { Timetable } from '../core/timetable.ts'
import { Refused } from './refusal.ts'
import type { Db } from './tables.ts'
import { type TimetableRow, timetableColumns, toTimetable } from './timetable-row.ts'

/**
 * The timetable of a schedule, how many of its `max_runs` are left, and what time it is in the database; null when there is
 * no such schedule (any more).
 */
export async function timetableOf(
  db: Db,
  id: string,
): Promise<{ timetable: Timetable; runsLeft: number | null; now: number } | null> {
  const { rows } = await sql<TimetableRow & { readonly now: number }>`
    select ${timetableColumns}, floor(extract(epoch from pgbeat.clock()) * 1000)::float8 as now
    from pgbeat.schedules where id = ${id}`.execute(db)
  const [row] = rows
  if (row === undefined) return null
  const runsLeft = row.max_runs === null ? null : Math.max(0, row.max_runs - Number(row.run_count))
  return { timetable: toTimetable(row), runsLeft, now: row.now }
}

/** A timetable in the words of the table: instants and durations as text that Postgres reads. */
export interface GivenTimetable {
  readonly cron_expression?: string | null | undefined
  readonly every?: string | null | undefined
  readonly run_at?: string | null | undefined
  readonly timezone?: string | undefined
  readonly starts_at?: string | null | undefined
  readonly ends_at?: string | null | undefined
}

/**
 * Reads a timetable as an `INSERT` would, without one.
 * @param now Unix milliseconds, instead of the database's clock: when it would be created
 * @throws Refused with what the `INSERT` would say
 */
export async function readTimetable(
  db: Db,
  given: GivenTimetable,
  now: number | undefined,
): Promise<{ timetable: Timetable; now: number }> {
  const columns = ['cron_expression', 'every', 'run_at', 'timezone', 'starts_at', 'ends_at']
  const createdAt = now === undefined ? sql`pgbeat.clock()` : sql`${new Date(now).toISOString()}::timestamptz`
  const { rows } = await sql<TimetableRow & Refusal & { readonly now: number }>`
    select ${timetableColumns}, floor(extract(epoch from created_at) * 1000)::float8 as now,
      problem.column_name, problem.message, problem.hint
    from jsonb_populate_record(null::pgbeat.schedules,
        ${JSON.stringify({ timezone: 'UTC', ...given })}::jsonb || jsonb_build_object('created_at', ${createdAt})) given,
      pgbeat.schedule_problem(given, ${columns}::text[]) problem`.execute(db)
  const [row] = rows as [TimetableRow & Refusal & { readonly now: number }]
  if (row.column_name !== null) throw new Refused('schedule', row.column_name, row.message, row.hint ?? undefined)
  return { timetable: toTimetable(row), now: row.now }
}

type Refusal =
  | { readonly column_name: null }
  | { readonly column_name: string; readonly message: string; readonly hint: string | null }
