import { type RawBuilder, sql } from 'kysely'
import { activeWindow } from './active-window.ts'
import { addJob } from './job.ts'
import type { Db } from './tables.ts'

// One step for each schedule that has runs waiting, however many of them. What is asked for each is a subquery that the
// planner can't join otherwise: where it expects few rows it would go through all active runs for each schedule.
const schedulesWithWaiting = (isInWindow: RawBuilder<boolean>) => sql`
  (select schedule_id from pgbeat.runs where status = 'waiting' and ${isInWindow} order by schedule_id limit 1)
  union all
  select (
    select schedule_id from pgbeat.runs
    where status = 'waiting' and ${isInWindow} and schedule_id > before.schedule_id order by schedule_id limit 1)
  from waiting before where before.schedule_id is not null`

/**
 * Cancels, where the overlap policy is `replace`, what the newest waiting run takes the place of. What somebody else has
 * locked is passed over, and asked for again in the next pass.
 */
export async function cancelReplaced(db: Db): Promise<void> {
  const isInWindow = await activeWindow(db)
  await sql`
    with recursive waiting as (${schedulesWithWaiting(isInWindow('runs'))}), newest as (
      select schedule_id, w.id, w.scheduled_for
      from waiting join pgbeat.schedules s on s.id = schedule_id and s.overlap_policy = 'replace',
      lateral (
        select id, scheduled_for from pgbeat.runs
        where schedule_id = waiting.schedule_id and status = 'waiting' and ${isInWindow('runs')}
        order by scheduled_for desc limit 1
      ) w
    ), replaced as (
      select before.id
      from newest n, lateral (
        select id from pgbeat.runs r
        where r.schedule_id = n.schedule_id and r.scheduled_for < n.scheduled_for
          and r.status in ('waiting', 'queued', 'running', 'retrying') and ${isInWindow('r')}
          and r.origin <> 'backfill' and (r.status <> 'running' or r.cancel_requested_at is null)
        for update skip locked
      ) before
    )
    select pgbeat.cancel_runs(array_agg(id), 'replaced') from replaced having count(*) > 0`.execute(db)
}

/**
 * Queues the earliest waiting run of each schedule that has no other run under way; answers how many. What somebody else
 * has locked is passed over.
 */
export async function promoteWaiting(db: Db): Promise<number> {
  const isInWindow = await activeWindow(db)
  const { rows } = await sql<{ jobs: string }>`
    with recursive waiting as (${schedulesWithWaiting(isInWindow('runs'))}), ready as materialized (
      select w.id, w.scheduled_for
      from waiting, lateral (
        select id, scheduled_for from pgbeat.runs
        where schedule_id = waiting.schedule_id and status = 'waiting' and ${isInWindow('runs')}
        order by scheduled_for limit 1
      ) w
      left join lateral (
        select true as is_active from pgbeat.runs
        where schedule_id = waiting.schedule_id and status in ('queued', 'running', 'retrying') and origin <> 'backfill'
          and ${isInWindow('runs')}
        limit 1
      ) other on true
      where other.is_active is null
    ), locked as (
      select r.id, r.scheduled_for
      from ready, lateral (
        select id, scheduled_for from pgbeat.runs
        where id = ready.id and scheduled_for = ready.scheduled_for and status = 'waiting' and ${isInWindow('runs')}
        for update skip locked
      ) r
    ), promoted as (
      update pgbeat.runs r set status = 'queued', queued_at = pgbeat.clock()
      from locked
      where r.id = locked.id and r.scheduled_for = locked.scheduled_for and ${isInWindow('r')}
      returning r.id, r.task_name, r.scheduled_for, r.queue_name, r.priority, r.next_attempt_at
    ), jobs as (
      select added.id
      from promoted, lateral ${addJob('promoted', sql.lit(1), sql`promoted.next_attempt_at`)} added
    )
    select count(*) as jobs from jobs`.execute(db)
  return Number(rows[0]?.jobs)
}
