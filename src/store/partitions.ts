import { sql } from 'kysely'
import { isLocked } from './postgres-errors.ts'
import type { Db } from './tables.ts'

const daysAhead = 3
// After a longer downtime, what was missed before goes to the default partition.
const mostDaysBack = 7

/**
 * Makes sure that there are partitions for the runs of the coming days; answers how many tables it made. Makes none while
 * somebody reads the runs for long: there are days to try again, and the default partition takes what comes too early.
 * @param retentionDays no partitions are made for days that would be forgotten; 0 = none are
 */
export async function createPartitionsAhead(db: Db, retentionDays = 0): Promise<number> {
  const daysBack = retentionDays === 0 ? mostDaysBack : Math.min(mostDaysBack, retentionDays)
  const attempt = sql<{ created: number }>`
    select pgbeat.create_run_partitions(
      greatest(today - ${daysBack}::integer, coalesce((
        select max(to_date(right(c.relname, 8), 'YYYYMMDD')) + 1
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'pgbeat.runs'::regclass and c.relname ~ '^runs_[0-9]{8}$'
      ), today - 1)),
      today + ${daysAhead}::integer
    ) as created
    from (select (now() at time zone 'UTC')::date as today) clock`.execute(db)
  const { rows } = await attempt.catch(ignoreLocked)
  return rows[0]?.created ?? 0
}

function ignoreLocked(error: unknown): { rows: { created: number }[] } {
  if (isLocked(error)) return { rows: [] }
  throw error
}

/** Whether the days to come have their partitions, and what there is without one. */
export interface PartitionCoverage {
  /** Those that are missing, each as `runs_20260131`; of the last day none is, for it may be made only now. */
  readonly missing: string[]
  /** Some of these are for today or tomorrow, by UTC. */
  readonly is_urgent: boolean
  /** Runs in the default partition, counted up to 100,000. */
  readonly default_runs: number
  /** Those of them whose day is today or later. */
  readonly default_runs_ahead: number
}

export const mostDefaultRuns = 100_000

export async function readPartitionCoverage(db: Db): Promise<PartitionCoverage> {
  const { rows } = await sql<PartitionCoverage>`
    with clock as (select (now() at time zone 'UTC')::date as today), wanted as (
      select parent, day, parent || '_' || to_char(today + day, 'YYYYMMDD') as name
      from clock, unnest(array['runs', 'attempts', 'run_logs']) parent, generate_series(0, ${sql.lit(daysAhead - 1)}) day
    ), missing as (
      select * from wanted
      where not exists (
        select from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = to_regclass('pgbeat.' || parent) and c.relname = wanted.name)
    )
    select array(select name from missing order by day, name) as missing,
      exists (select from missing where day <= 1) as is_urgent, default_runs, default_runs_ahead
    from clock, lateral (
      select count(*)::int as default_runs,
        (count(*) filter (where scheduled_for >= today::timestamp at time zone 'UTC'))::int as default_runs_ahead
      from (select scheduled_for from pgbeat.runs_default limit ${sql.lit(mostDefaultRuns)}) counted
    ) counts`.execute(db)
  return rows[0] as PartitionCoverage
}
