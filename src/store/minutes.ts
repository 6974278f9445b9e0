import { sql } from 'kysely'
import type { Db } from './tables.ts'

const keptDays = 30
const mostNew = sql.lit(500_000)
/** Of the first minute ever, for which nobody knows where its runs begin. */
const mostNewAtFirst = sql.lit(100_000)
const mostLateness = sql.lit(20_000)

const origin = sql`timestamptz '2000-01-01 00:00:00Z'`
/** What is written of a minute may take so long to be seen by others. */
const settle = sql`interval '2 seconds'`

/**
 * Writes the figures of the minutes that are over and not written yet, of the last hour at most; answers how many. Whoever
 * does the same at the same time does it for both.
 */
export async function writeMinutes(db: Db): Promise<number> {
  const gap = await findGap(db)
  if (gap.minutes === 0) return 0
  return db
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (trx) => {
      await sql`set local jit to off`.execute(trx)
      const { lastRunId, byMinute } = await countNew(trx, gap)
      let written = 0
      for (let index = 0; index < gap.minutes; index += 1) {
        written += await writeMinute(trx, gap, index, { lastRunId, ...(byMinute.get(index) ?? none) })
      }
      return written
    })
}

/** The minutes to be written. */
interface Gap {
  readonly since: string
  readonly minutes: number
  /** Runs with greater ids are new. */
  readonly afterId: string
  readonly isFirst: boolean
}

interface NewRuns {
  readonly fired: number
  readonly skipped: number
  readonly missed: number
}

const none: NewRuns = { fired: 0, skipped: 0, missed: 0 }

async function findGap(db: Db): Promise<Gap> {
  const { rows } = await sql<Gap>`
    with clock as materialized (select date_bin('1 minute', pgbeat.clock() - ${settle}, ${origin}) as until), latest as (
      select minute, last_run_id from pgbeat.minutes order by minute desc limit 1
    ), gap as (
      select until, last_run_id, minute is null as is_first,
        case when minute is null then until - interval '1 minute'
          else greatest(minute + interval '1 minute', until - interval '1 hour') end as since
      from clock left join latest on true
    )
    select since::text, is_first as "isFirst",
      greatest(0, round(extract(epoch from until - since) / 60))::int as minutes,
      coalesce(last_run_id, (
        select min(id) - 1 from (select id from pgbeat.runs order by id desc limit ${mostNewAtFirst}) newest
      ), 0)::text as "afterId"
    from gap`.execute(db)
  return rows[0] as Gap
}

/**
 * The runs that are new, by the minute (from 0) in which they were queued. What was never queued says not when it was
 * written: it counts as of the last minute, which is right where one is written at a time.
 */
async function countNew(
  trx: Db,
  { since, minutes, afterId, isFirst }: Gap,
): Promise<{ lastRunId: string; byMinute: Map<number, NewRuns> }> {
  const until = sql`${since}::timestamptz + ${minutes} * interval '1 minute'`
  // What was queued in a minute that is left out counts nowhere.
  const isRecent = isFirst
    ? sql`coalesce(queued_at, scheduled_for) >= ${since}::timestamptz`
    : sql`(queued_at is null or queued_at >= ${since}::timestamptz - interval '1 minute')`
  const { rows } = await sql<{ lastRunId: string; counts: (NewRuns & { minute: number })[] | null }>`
    with fresh as materialized (
      select id, status, queued_at, scheduled_for, missed_count from pgbeat.runs
      where id > ${afterId}::bigint order by id desc limit ${mostNew}
    ), bound as materialized (
      -- Of a run that was made ready before its minute, those with greater ids may be of the minute before.
      select greatest(${afterId}::bigint, coalesce(min(id) filter (where queued_at >= ${until}) - 1, max(id))) as last_id
      from fresh
    ), counted as (
      select case when queued_at >= ${since}::timestamptz and queued_at < ${until}
          then floor(extract(epoch from queued_at - ${since}::timestamptz) / 60)::int else ${minutes}::int - 1 end as minute,
        count(*) filter (where status not in ('skipped', 'missed')) as fired,
        count(*) filter (where status = 'skipped') as skipped,
        coalesce(sum(coalesce(missed_count, 1)) filter (where status = 'missed'), 0) as missed
      from fresh, bound where id <= last_id and ${isRecent}
      group by 1
    )
    select last_id::text as "lastRunId", (select json_agg(counted) from counted) as counts from bound`.execute(trx)
  const { lastRunId, counts } = rows[0] as (typeof rows)[number]
  return { lastRunId, byMinute: new Map(counts?.map(({ minute, ...runs }) => [minute, runs])) }
}

async function writeMinute(
  trx: Db,
  { since }: Gap,
  index: number,
  { fired, skipped, missed, lastRunId }: NewRuns & { readonly lastRunId: string },
): Promise<number> {
  const minute = sql`${since}::timestamptz + ${index} * interval '1 minute'`
  const { numAffectedRows } = await sql`
    with finished as materialized (
      select status, origin, started_at, scheduled_for from pgbeat.runs
      where finished_at >= ${minute} and finished_at < ${minute} + interval '1 minute'
    ), lateness as (
      select extract(epoch from started_at - scheduled_for)::float8 as seconds
      from finished where origin = 'schedule' and started_at is not null limit ${mostLateness}
    ), counted as (
      select count(*) filter (where status = 'succeeded') as succeeded, count(*) filter (where status = 'failed') as failed,
        count(*) filter (where status = 'cancelled') as cancelled
      from finished
    ), measured as (
      select percentile_cont(0.5) within group (order by seconds) as p50,
        percentile_cont(0.99) within group (order by seconds) as p99, max(seconds) as most, count(*) as runs
      from lateness
    )
    insert into pgbeat.minutes (minute, fired, succeeded, failed, cancelled, skipped, missed,
      lateness_p50_seconds, lateness_p99_seconds, lateness_max_seconds, lateness_runs, last_run_id)
    select ${minute}, ${fired}, succeeded, failed, cancelled, ${skipped}, ${missed}, p50, p99, most, runs, ${lastRunId}
    from counted, measured
    on conflict (minute) do nothing`.execute(trx)
  return Number(numAffectedRows)
}

/** Forgets the minutes that nobody asks for any more. */
export async function forgetOldMinutes(db: Db): Promise<void> {
  await sql`
    delete from pgbeat.minutes where minute < pgbeat.clock() - ${sql.lit(keptDays)} * interval '24 hours'`.execute(db)
}

/** The figures of one minute, or of several as one. */
export interface Figures {
  /** When the first of them began. */
  readonly minute: string
  /** Of how many minutes they are. */
  readonly minutes: number
  readonly fired: number
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  readonly skipped: number
  readonly missed: number
  /** Of several minutes: the mean of theirs, each with the weight of its runs. */
  readonly lateness_p50_seconds: number | null
  /** Of several minutes: the greatest of theirs. */
  readonly lateness_p99_seconds: number | null
  readonly lateness_max_seconds: number | null
  readonly lateness_runs: number
}

/**
 * The figures from an instant to before another (Unix milliseconds), the first of them first; minutes that are not there
 * are left out.
 * @param stepSeconds how long a time is merged into one: whole minutes
 */
export async function listFigures(
  db: Db,
  { from, until, stepSeconds }: { readonly from: number; readonly until: number; readonly stepSeconds: number },
): Promise<Figures[]> {
  const { rows } = await sql<{ figures: Figures[] | null }>`
    with merged as (
      select date_bin(${stepSeconds} * interval '1 second', minute, ${origin}) as minute,
        count(*) as minutes, sum(fired) as fired, sum(succeeded) as succeeded, sum(failed) as failed,
        sum(cancelled) as cancelled, sum(skipped) as skipped, sum(missed) as missed,
        sum(lateness_p50_seconds * lateness_runs) / nullif(sum(lateness_runs), 0) as lateness_p50_seconds,
        max(lateness_p99_seconds) as lateness_p99_seconds, max(lateness_max_seconds) as lateness_max_seconds,
        sum(lateness_runs) as lateness_runs
      from pgbeat.minutes
      where minute >= ${new Date(from).toISOString()}::timestamptz and minute < ${new Date(until).toISOString()}::timestamptz
      group by 1
    )
    select json_agg(merged order by minute) as figures from merged`.execute(db)
  return rows[0]?.figures ?? []
}
