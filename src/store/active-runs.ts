import { sql } from 'kysely'
import type { Db } from './tables.ts'

/** Of each kind no more are counted. */
export const mostActiveCounted = 20_000

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

/**
 * The runs that are not over, by status. Read from the partial indexes on them, in their order: however many runs are
 * over, and however wrong the planner may be about how many are not.
 */
export async function readActiveRuns(db: Db): Promise<ActiveRuns> {
  const { rows } = await sql<ActiveRuns>`
    with clock as materialized (select pgbeat.clock() as now), under_way as materialized (
      select status, greatest(queued_at, next_attempt_at) as ready_at
      from pgbeat.runs where status in ('queued', 'running', 'retrying')
      order by schedule_id limit ${mostActiveCounted}
    ), waiting as materialized (
      select from pgbeat.runs where status = 'waiting' order by schedule_id limit ${mostActiveCounted}
    ), counted as (
      select count(*)::int as total,
        count(*) filter (where status = 'queued')::int as queued,
        count(*) filter (where status = 'running')::int as running,
        count(*) filter (where status = 'retrying')::int as retrying,
        min(ready_at) filter (where status = 'queued') as oldest
      from under_way
    )
    select waiting, queued, running, retrying,
      greatest(0, extract(epoch from (select now from clock) - oldest))::float8 as oldest_queued_seconds,
      total = ${mostActiveCounted} or waiting = ${mostActiveCounted} as is_bounded
    from counted, (select count(*)::int as waiting from waiting) w`.execute(db)
  return rows[0] as ActiveRuns
}
