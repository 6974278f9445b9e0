import { sql } from 'kysely'
import type { ClockChange } from '../core/clock-change.ts'
import { seconds } from './duration.ts'
import { type ScheduleFilter, schedulesMatching } from './schedule-filter.ts'
import { isId } from './schedule-ref.ts'
import type { Db, RunsTable } from './tables.ts'

/** A schedule that is to be copied into a simulation. */
export interface ScheduleToSimulate {
  readonly id: string
  readonly name: string
  readonly task_name: string
  readonly enabled: boolean
  readonly timezone: string
  /** In seconds. */
  readonly timeout: number | null
  /** All of its columns. */
  readonly columns: unknown
}

/** Reads schedules by name, without writing anything, and says which of the filter's refs nothing has. */
export async function readSchedulesToSimulate(
  db: Db,
  filter: ScheduleFilter,
  limit: number,
): Promise<{ schedules: ScheduleToSimulate[]; notFound: string[] }> {
  const { rows: schedules } = await db
    .transaction()
    .setAccessMode('read only')
    .execute((trx) =>
      sql<ScheduleToSimulate>`
        select id, name, task_name, enabled, timezone, ${sql.join(seconds('timeout'))}, to_jsonb(s) as columns
        from pgbeat.schedules s where id in (${schedulesMatching(filter, limit)}) order by name`.execute(trx),
    )
  const found = new Set(schedules.flatMap(({ id, name }) => [id, name]))
  const notFound = (filter.refs ?? []).filter((ref) => !found.has(isId(ref) ? ref.toLowerCase() : ref))
  return { schedules, notFound }
}

/**
 * Copies schedules into a database whose clock is simulated, as if all of them were up to date. They keep what their
 * instants depend on: the id (jitter), when they were created (`every`) and how often they have run (`max_runs`). Payloads
 * stay where they are, and timeouts are left to whoever ends the runs.
 */
export async function writeSimulatedSchedules(db: Db, schedules: readonly ScheduleToSimulate[]): Promise<void> {
  const rows = JSON.stringify(schedules.map(({ columns }) => columns))
  await db.transaction().execute(async (trx) => {
    // Whoever creates a schedule can't say when that was.
    await sql`alter table pgbeat.schedules disable trigger user`.execute(trx)
    await sql`
      insert into pgbeat.schedules
      select copied.* from jsonb_array_elements(${rows}::jsonb) given,
        jsonb_populate_record(null::pgbeat.schedules, given || jsonb_build_object(
          'payload', '{}'::jsonb, 'timeout', null, 'error', null, 'next_run_at', null, 'last_run_at', null,
          'active_since', pgbeat.clock(), 'timetable_since', pgbeat.clock())) copied`.execute(trx)
    await sql`alter table pgbeat.schedules enable trigger user`.execute(trx)
  })
}

/** What became of an instant, or of a range of missed ones. */
export type SimulatedRun = Pick<
  RunsTable,
  'schedule_id' | 'schedule_name' | 'scheduled_for' | 'origin' | 'status' | 'reason' | 'missed_since' | 'missed_count'
> &
  Pick<RunsTable, 'started_at' | 'finished_at' | 'attempt'> & { readonly clock_change: ClockChange | null }

/** All runs of a simulation, by instant. */
export async function readSimulatedRuns(db: Db): Promise<SimulatedRun[]> {
  const { rows } = await sql<SimulatedRun>`
    select schedule_id, schedule_name, scheduled_for, origin, status, reason, missed_since, missed_count, started_at,
      finished_at, attempt, clock_change
    from pgbeat.runs order by coalesce(missed_since, scheduled_for), schedule_name, id`.execute(db)
  return rows
}

/** Why schedules of a simulation have no next instant, by id. */
export async function readScheduleErrors(db: Db): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; error: string }>`
    select id, error from pgbeat.schedules where error is not null`.execute(db)
  return new Map(rows.map(({ id, error }) => [id, error]))
}
