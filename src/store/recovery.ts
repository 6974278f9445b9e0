import { sql } from 'kysely'
import { activeWindow } from './active-window.ts'
import { addJob } from './job.ts'
import type { Db } from './tables.ts'

/** A run whose worker died in the middle of it, or could not end it when its time was over. */
export interface LostRun {
  readonly runId: string
  readonly scheduleName: string
  readonly attempt: number
  readonly nodeId: string
  readonly status: 'retrying' | 'failed' | 'cancelled'
}

/**
 * Recovers what dead workers left, and workers that are gone: their jobs are unlocked (graphile-worker alone would hold
 * them for 4 hours), their open attempts are closed as lost, and the runs are queued again while they have attempts left.
 *
 * The next attempt gets a job of its own. The dead worker's job for the lost attempt is delivered again too, finds that
 * its attempt is over, and ends there.
 *
 * A worker ends attempts that take too long by itself, unless one of them keeps its thread busy. What is this much
 * overdue is taken away from it as from a dead one.
 * @param silentForMs how long a worker must have been silent to count as dead
 */
export async function recoverDeadWorkers(
  db: Db,
  silentForMs: number,
): Promise<{ workers: string[]; lostRuns: LostRun[] }> {
  const isInWindow = await activeWindow(db)
  const { rows } = await sql<{ workers: string[] | null; lost: LostRun[] | null }>`
    with dead as (
      delete from pgbeat.nodes
      where kind = 'worker' and heartbeat_at < now() - ${silentForMs} * interval '1 millisecond'
      returning id, worker_pool_id
    ), found as (
      select r.id, r.scheduled_for, n.id is not null as is_overdue
      from pgbeat.runs r
      join pgbeat.attempts a on a.run_id = r.id and a.scheduled_for = r.scheduled_for and a.attempt = r.attempt
      left join pgbeat.nodes n
        on n.id = r.node_id and n.heartbeat_at >= now() - ${silentForMs} * interval '1 millisecond'
      where r.status = 'running' and ${isInWindow('r')} and ${isInWindow('a')}
        -- A worker that was silent and came back is not there for a moment; what it has just begun is not lost.
        and a.started_at + case when n.id is null then interval '0' else r.timeout end
          <= now() - ${silentForMs} * interval '1 millisecond'
      for update of r skip locked
    ), lost as (
      update pgbeat.runs r set
        status = case when r.cancel_requested_at is not null then 'cancelled'
          when r.attempt < r.max_attempts then 'retrying' else 'failed' end,
        finished_at = case when r.cancel_requested_at is not null or r.attempt >= r.max_attempts then pgbeat.clock() end,
        reason = case when r.cancel_requested_at is not null then r.reason
          when r.attempt >= r.max_attempts then case when found.is_overdue then 'timeout' else 'worker_lost' end end,
        error = case when found.is_overdue then ${overdue}::jsonb else ${workerLost}::jsonb end
      from found where r.id = found.id and r.scheduled_for = found.scheduled_for and ${isInWindow('r')}
      returning r.*, found.is_overdue
    ), closed as (
      update pgbeat.attempts a set
        status = case when lost.is_overdue then 'timed_out' else 'worker_lost' end,
        finished_at = pgbeat.clock(), error = lost.error
      from lost
      where a.run_id = lost.id and a.scheduled_for = lost.scheduled_for and a.attempt = lost.attempt
        and ${isInWindow('a')}
    ), jobs as (
      select added.id
      from lost, lateral ${addJob('lost', sql`lost.attempt + 1`)} added
      where lost.status = 'retrying'
    ), unlocked as (
      select graphile_worker.force_unlock_workers(array_agg(worker_pool_id))
      from dead where worker_pool_id is not null having count(*) > 0
    )
    select
      (select array_agg(id) from dead) as workers,
      (select json_agg(json_build_object('runId', id::text, 'scheduleName', schedule_name, 'attempt', attempt,
        'nodeId', node_id, 'status', status)) from lost) as lost,
      (select count(*) from jobs) as jobs, (select count(*) from unlocked) as unlocked`.execute(db)
  return { workers: rows[0]?.workers ?? [], lostRuns: rows[0]?.lost ?? [] }
}

const workerLost = JSON.stringify({ code: 'worker_lost', message: 'the worker died in the middle of this attempt' })
const overdue = JSON.stringify({
  code: 'timeout',
  message: 'the attempt took longer than its timeout, and its worker was too busy to end it',
})
