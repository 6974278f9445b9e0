import { sql } from 'kysely'
import type { ForecastSchedule } from '../core/forecast-group.ts'
import { plan } from '../core/plan.ts'
import { toUnplannedRow, type UnplannedSelection, unplannedColumns } from './planning.ts'
import type { Db } from './tables.ts'

const batchSize = 5_000

/**
 * The enabled schedules that may fire before an instant (Unix milliseconds), in batches, so that a million of them are
 * read without a long transaction and without holding them all.
 */
export async function* schedulesFiringBefore(db: Db, until: number): AsyncGenerator<ForecastSchedule[], void> {
  let last: string | null = null
  for (;;) {
    const { rows }: { rows: ForecastRow[] } = await sql<ForecastRow>`
      select ${unplannedColumns}, (extract(epoch from next_run_at) * 1000)::float8 as next_run_at
      from pgbeat.schedules
      where enabled and error is null
        and (next_run_at is null or next_run_at < ${new Date(until).toISOString()}::timestamptz)
        and (${last}::uuid is null or id > ${last}::uuid)
      order by id
      limit ${batchSize}`.execute(db)
    yield rows.flatMap(toForecastSchedule)
    if (rows.length < batchSize) return
    last = rows.at(-1)?.id ?? null
  }
}

type ForecastRow = UnplannedSelection & { readonly next_run_at: number | null }

/** One that is not planned yet is taken as the leader is about to plan it. */
function toForecastSchedule(row: ForecastRow): ForecastSchedule[] {
  const schedule = toUnplannedRow(row)
  const { name, timetable, maxRuns, runCount } = schedule
  const planned = row.next_run_at === null ? plan(schedule) : { nextRunAt: row.next_run_at, error: null }
  if (planned.error !== null || planned.nextRunAt === null) return []
  return [{ name, timetable, nextRunAt: planned.nextRunAt, runsLeft: maxRuns && maxRuns - runCount }]
}

/** What time it is in the database, in Unix milliseconds. */
export async function readClock(db: Db): Promise<number> {
  const { rows } = await sql<{ now: number }>`
    select floor(extract(epoch from pgbeat.clock()) * 1000)::float8 as now`.execute(db)
  return rows[0]?.now ?? 0
}
