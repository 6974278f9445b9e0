import { sql } from 'kysely'
import type { Db } from './tables.ts'

// All of it is to be read by `readBounded`.

/** Of the runs that finished last, no more are looked at; a longer stretch is extrapolated from them. */
const mostFinished = 5_000
const mostFired = 5_000
const mostNotRun = 5_000
const mostLateness = 1_000

/** Runs that finished in a stretch of time, by how. */
interface FinishedCounts {
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  /** There were more than are looked at: extrapolated from the latest ones. */
  readonly is_estimated: boolean
}

/** Seconds from the nominal instant until the first attempt began; all null while nothing has started. */
interface Lateness {
  readonly p50: number | null
  readonly p99: number | null
  readonly max: number | null
  /** How many runs these are of. */
  readonly runs: number
}

export interface FinishedRuns {
  readonly finished_last_5_minutes: FinishedCounts
  readonly finished_last_hour: FinishedCounts
  readonly lateness: Lateness
}

/**
 * What the runs that finished last have come to, and how late those of them and of the running ones started that were
 * fired by their timetables on time.
 */
export async function readFinishedRuns(db: Db): Promise<FinishedRuns> {
  const { rows } = await sql<{ by_status: FinishedSelection[] | null; seen: SeenSelection; lateness: Lateness }>`
    with clock as materialized (select pgbeat.clock() as now), finished as materialized (
      select status, finished_at, started_at, scheduled_for, origin
      from pgbeat.runs where finished_at is not null order by finished_at desc, id desc limit ${sql.lit(mostFinished)}
    ), running as materialized (
      select started_at, scheduled_for, origin
      from pgbeat.runs where status = 'running' order by node_id limit ${sql.lit(mostLateness)}
    ), started as (
      select extract(epoch from started_at - scheduled_for)::float8 as lateness
      from (
        select started_at, scheduled_for, origin from finished
        union all select started_at, scheduled_for, origin from running
      ) either
      where started_at is not null and origin = 'schedule'
      order by started_at desc limit ${sql.lit(mostLateness)}
    )
    select
      (select json_agg(counts) from (
        select status,
          count(*) filter (where finished_at > now - interval '5 minutes') as last_5_minutes,
          count(*) filter (where finished_at > now - interval '1 hour') as last_hour
        from finished, clock group by status
      ) counts) as by_status,
      (select json_build_object('runs', count(*), 'seconds', extract(epoch from min(now) - min(finished_at)))
        from finished, clock) as seen,
      (select json_build_object(
          'p50', percentile_cont(0.5) within group (order by lateness),
          'p99', percentile_cont(0.99) within group (order by lateness), 'max', max(lateness), 'runs', count(*))
        from started) as lateness`.execute(db)
  const { by_status, seen, lateness } = rows[0] as (typeof rows)[number]
  const within = (column: 'last_5_minutes' | 'last_hour', seconds: number): FinishedCounts => {
    const covered = seen.runs < mostFinished ? Number.POSITIVE_INFINITY : Math.max(seen.seconds ?? 0, 0.001)
    const factor = Math.max(1, seconds / covered)
    const count = (status: string) =>
      Math.round((by_status?.find((counts) => counts.status === status)?.[column] ?? 0) * factor)
    return {
      succeeded: count('succeeded'),
      failed: count('failed'),
      cancelled: count('cancelled'),
      is_estimated: factor > 1,
    }
  }
  return {
    finished_last_5_minutes: within('last_5_minutes', 300),
    finished_last_hour: within('last_hour', 3_600),
    lateness,
  }
}

interface FinishedSelection {
  readonly status: string
  readonly last_5_minutes: number
  readonly last_hour: number
}

interface SeenSelection {
  readonly runs: number
  readonly seconds: number | null
}

export interface FireRate {
  /** Runs that were queued, on average over the last minute. */
  readonly fires_per_second: number
  /** There were more than are looked at: the average is over the time of the latest ones. */
  readonly is_estimated: boolean
}

/** How many runs are queued a second, by the newest ones. */
export async function readFireRate(db: Db): Promise<FireRate> {
  const { rows } = await sql<{ seen: number; recent: number; seconds: number | null }>`
    with clock as materialized (select pgbeat.clock() as now), newest as materialized (
      select queued_at from pgbeat.runs order by id desc limit ${sql.lit(mostFired)}
    )
    select count(*)::int as seen, count(*) filter (where queued_at > now - interval '1 minute')::int as recent,
      extract(epoch from min(now) - min(queued_at))::float8 as seconds
    from newest, clock`.execute(db)
  const { seen, recent, seconds } = rows[0] as (typeof rows)[number]
  const isEstimated = seen === mostFired && seconds !== null && seconds < 60
  return { fires_per_second: recent / (isEstimated ? Math.max(seconds, 0.001) : 60), is_estimated: isEstimated }
}

export interface NotRun {
  readonly status: 'skipped' | 'missed'
  readonly reason: string
  /** How many instants; a missed run may cover many. */
  readonly instants: number
}

/**
 * The instants of the last hour that were skipped or missed, by reason.
 * @returns `is_bounded`: there were more runs than are looked at
 */
export async function readNotRun(db: Db): Promise<{ not_run: NotRun[]; is_bounded: boolean }> {
  // Whole partitions: a bound inside them would have the index searched beyond the runs that are looked at.
  const newest = (status: 'skipped' | 'missed') => sql`(
    select status, reason, scheduled_for, coalesce(missed_count, 1) as instants
    from pgbeat.runs
    where status = ${sql.lit(status)}
      and scheduled_for >= (select date_trunc('day', (now - interval '1 hour') at time zone 'UTC') at time zone 'UTC' from clock)
    order by id desc limit ${sql.lit(mostNotRun)})`
  const { rows } = await sql<{ not_run: NotRun[] | null; is_bounded: boolean | null }>`
    with clock as materialized (select pgbeat.clock() as now), newest as materialized (
      ${newest('skipped')} union all ${newest('missed')}
    )
    select
      (select json_agg(counts) from (
        select status, reason, sum(instants) as instants from newest, clock
        where scheduled_for > now - interval '1 hour' group by status, reason order by status, reason
      ) counts) as not_run,
      (select bool_or(runs = ${sql.lit(mostNotRun)} and oldest > now - interval '1 hour') from (
        select count(*) as runs, min(scheduled_for) as oldest from newest group by status
      ) looked_at, clock) as is_bounded`.execute(db)
  return { not_run: rows[0]?.not_run ?? [], is_bounded: rows[0]?.is_bounded ?? false }
}
