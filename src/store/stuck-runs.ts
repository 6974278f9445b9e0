import { sql } from 'kysely'
import { activeWindow } from './active-window.ts'
import { isAlive } from './nodes.ts'
import type { Db } from './tables.ts'

/** Runs that nobody will take further, of one kind. */
export interface StuckRuns {
  /**
   * lost: running on a worker that is dead, and not recovered; uncovered: ready, and no live worker has the task; stalled:
   * ready, and passed over by live workers that have the task and room for it; blocked: waiting, with nothing before it.
   */
  readonly kind: 'lost' | 'uncovered' | 'stalled' | 'blocked'
  readonly count: number
  /** Of the one that has been stuck for longest. */
  readonly seconds: number
  readonly run_id: string
  readonly schedule_name: string
  /** There are more active runs than were looked at, of all kinds. */
  readonly is_bounded: boolean
}

export interface StuckAfter {
  /** Since the last heartbeat of the worker. */
  readonly lostMs: number
  /** Since it could have begun. */
  readonly readyMs: number
}

/** Of active runs no more are looked at. */
const mostActive = 10_000
const mostFinished = sql.lit(1_000)
const mostWaiting = sql.lit(1_000)

/**
 * Runs that are stuck. A worker that goes through a long queue has none: that one is ready for long is no sign. But either
 * nothing at all has begun or ended on the workers that have room for it, or they have taken others that came later and
 * were no more urgent. What waits for another run of its queue is left out. To be read by `readBounded`.
 */
export async function findStuckRuns(db: Db, { lostMs, readyMs }: StuckAfter): Promise<StuckRuns[]> {
  const isInWindow = await activeWindow(db)
  const lost = sql`${sql.lit(lostMs)} * interval '1 millisecond'`
  const ready = sql`${sql.lit(readyMs)} * interval '1 millisecond'`
  const { rows } = await sql<StuckRuns>`
    with clock as materialized (
      select pgbeat.clock() as now
    ), live as materialized (
      select n.id, n.tasks, n.concurrency > (
        select count(*) from (
          select from pgbeat.runs r where r.status = 'running' and r.node_id = n.id and ${isInWindow('r')} limit n.concurrency
        ) busy) as has_room
      from pgbeat.nodes n where n.kind = 'worker' and ${isAlive}
    ), covered as materialized (
      select task_name, bool_or(has_room) as has_room from live, unnest(tasks) task_name group by task_name
    ), active as materialized (
      select id, schedule_id, schedule_name, task_name, scheduled_for, status, priority, queue_name, node_id, attempt,
        queued_at, started_at, next_attempt_at
      from pgbeat.runs where status in ('queued', 'running', 'retrying') and ${isInWindow('runs')}
      order by schedule_id limit ${sql.lit(mostActive)}
    ), taken as materialized (
      select node_id, priority, queued_at, at from (
        select node_id, priority, queued_at, finished_at as at from pgbeat.runs
        where finished_at >= (select now from clock) - ${ready} and node_id is not null and ${isInWindow('runs')}
        order by finished_at desc limit ${mostFinished}
      ) finished
      union all
      select node_id, priority, queued_at, started_at from active where status = 'running'
    ), progress as materialized (
      select task_name, priority, max(queued_at) as queued_at, max(at) as at
      from taken join live on live.id = taken.node_id, unnest(live.tasks) task_name
      group by task_name, priority
    ), tried as materialized (
      select a.*, t.started_at as began_at, greatest(a.queued_at, a.next_attempt_at, t.finished_at) as ready_at
      from active a left join pgbeat.attempts t
        on t.run_id = a.id and t.scheduled_for = a.scheduled_for and t.attempt = a.attempt and ${isInWindow('t')}
    ), stuck as (
      select 'lost' as kind, r.id, r.schedule_name, coalesce(n.heartbeat_at, r.began_at) as since
      from tried r left join pgbeat.nodes n on n.id = r.node_id
      where r.status = 'running' and greatest(n.heartbeat_at, r.began_at) < clock_timestamp() - ${lost}
      union all
      select case when c.task_name is null then 'uncovered' else 'stalled' end, r.id, r.schedule_name, r.ready_at
      from tried r left join covered c using (task_name)
      where r.status in ('queued', 'retrying') and r.ready_at < (select now from clock) - ${ready}
        and (r.queue_name is null or not exists (
          select from active other where other.queue_name = r.queue_name and other.status = 'running'))
        and (c.task_name is null
          or exists (
            select from progress p where p.task_name = r.task_name and p.priority >= r.priority
              and p.queued_at > r.ready_at + ${ready})
          or c.has_room and not exists (
            select from progress p where p.task_name = r.task_name and p.at >= (select now from clock) - ${ready}))
      union all
      select 'blocked', w.id, w.schedule_name, w.scheduled_for
      from (
        select distinct on (schedule_id) id, schedule_id, schedule_name, scheduled_for from (
          select id, schedule_id, schedule_name, scheduled_for from pgbeat.runs
          where status = 'waiting' and ${isInWindow('runs')}
          order by schedule_id limit ${mostWaiting}
        ) waiting order by schedule_id, scheduled_for
      ) w
      where w.scheduled_for < (select now from clock) - ${ready}
        and not exists (
          select from pgbeat.runs r
          where r.schedule_id = w.schedule_id and r.origin <> 'backfill' and ${isInWindow('r')}
            and (r.status in ('queued', 'running', 'retrying') or r.finished_at >= (select now from clock) - ${ready}))
    )
    select kind, count(*)::int as count, extract(epoch from (select now from clock) - min(since))::float8 as seconds,
      (array_agg(id::text order by since))[1] as run_id,
      (array_agg(schedule_name order by since))[1] as schedule_name,
      (select count(*) from active) = ${sql.lit(mostActive)} as is_bounded
    from stuck group by kind order by kind`.execute(db)
  return rows
}
