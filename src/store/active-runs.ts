import { sql } from 'kysely'
import type { Db } from './tables.ts'

/** Of each kind no more are counted. */
export const mostActiveCounted = 10_000

export interface ActiveRuns {
  readonly waiting: number
  readonly queued: number
  readonly running: number
  readonly retrying: number
  /** Seconds that the run which has been queued for longest could have started; null = none is queued. */
  readonly oldest_queued_seconds: number | null
  /** There are more than were counted: the counts are lower bounds, and the oldest is the oldest of those counted. */
  readonly is_bounded: boolean
}

const most = sql.lit(mostActiveCounted)

/** The runs that are not over, by status, from the partial indexes on them. To be read by `readBounded`. */
export async function readActiveRuns(db: Db): Promise<ActiveRuns> {
  const { rows } = await sql<ActiveRuns>`
    with clock as materialized (select pgbeat.clock() as now), under_way as materialized (
      select status, greatest(queued_at, next_attempt_at) as ready_at
      from pgbeat.runs where status in ('queued', 'running', 'retrying')
      order by schedule_id limit ${most}
    ), waiting as materialized (
      select from pgbeat.runs where status = 'waiting' order by schedule_id limit ${most}
    ), counted as (
      select count(*)::int as total,
        count(*) filter (where status = 'queued')::int as queued,
        count(*) filter (where status = 'running')::int as running,
        count(*) filter (where status = 'retrying')::int as retrying,
        min(ready_at) filter (where status = 'queued') as oldest
      from under_way
    )
    select waiting, queued, running, retrying,
      case when oldest is not null then greatest(0, extract(epoch from (select now from clock) - oldest))::float8 end
        as oldest_queued_seconds,
      total = ${most} or waiting = ${most} as is_bounded
    from counted, (select count(*)::int as waiting from waiting) w`.execute(db)
  return rows[0] as ActiveRuns
}
