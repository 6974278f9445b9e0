import { sql } from 'kysely'
import { runAgain } from '../core/backfill.ts'
import { activeWindow } from './active-window.ts'
import { addJob } from './job.ts'
import type { Db } from './tables.ts'

/** Behind every live run, whatever its priority. */
const behindLiveRuns = 10_000
const mostAtOnce = 100

/**
 * Queues the next instants of the backfills that run, as many as each may have under way; answers how many. None while a
 * live run of the schedule is under way, unless they may overlap. What somebody else has locked is left for later.
 */
export async function advanceBackfills(db: Db): Promise<number> {
  // First the locks and then the counting, for what a statement sees is older than the locks that it gets.
  const { rows: running } = await sql<{ id: string; starts_at: string; ends_at: string }>`
    select id, starts_at::text, ends_at::text from pgbeat.backfills
    where status = 'running' order by id limit ${mostAtOnce} for update skip locked`.execute(db)
  if (running.length === 0) return 0
  const isInWindow = await activeWindow(db)
  // Values, for the planner to leave out the partitions of all other days.
  const isAskedFor = sql`r.scheduled_for >= least(${stamps(running.map((b) => b.starts_at))})
    and r.scheduled_for <= greatest(${stamps(running.map((b) => b.ends_at))})`
  const { rows } = await sql<{ jobs: string }>`
    with free as (
      select b.id, b.schedule_id, b.which, b.max_active - under_way.count as slots, s.name, s.task_name,
        coalesce(b.payload, s.payload) as payload, s.queue_name, s.max_attempts, s.retry_delay, s.timeout,
        least(32767, greatest(s.priority, 0) + ${behindLiveRuns})::smallint as priority
      from pgbeat.backfills b
      join pgbeat.schedules s on s.id = b.schedule_id,
      lateral (
        select count(*) from pgbeat.runs
        where backfill_id = b.id and status in ('waiting', 'queued', 'running', 'retrying') and ${isInWindow('runs')}
      ) under_way
      where b.id = any(${running.map(({ id }) => id)}::bigint[]) and under_way.count < b.max_active
        and (s.overlap_policy = 'allow' or not (
          exists (select from pgbeat.runs where schedule_id = s.id and status = 'waiting' and ${isInWindow('runs')})
          or exists (
            select from pgbeat.runs
            where schedule_id = s.id and status in ('queued', 'running', 'retrying') and origin <> 'backfill'
              and ${isInWindow('runs')})))
    ), next as (
      select free.*, i.scheduled_for, i.clock_change, r.id as existing_id
      from free cross join lateral (
        select scheduled_for, clock_change from pgbeat.backfill_instants
        where backfill_id = free.id and chosen and run_id is null
        order by scheduled_for limit free.slots
      ) i
      left join pgbeat.runs r
        on r.schedule_id = free.schedule_id and r.scheduled_for = i.scheduled_for and ${isAskedFor}
    ), locked as (
      select r.id, r.scheduled_for
      from next n join pgbeat.runs r on r.id = n.existing_id and r.scheduled_for = n.scheduled_for and ${isAskedFor}
      for update of r skip locked
    ), again as (
      update pgbeat.runs r set
        backfill_id = n.id, origin = 'backfill', status = 'queued', queued_at = pgbeat.clock(), reason = null,
        schedule_name = n.name, task_name = n.task_name, payload = n.payload, priority = n.priority,
        queue_name = n.queue_name, max_attempts = least(32767, r.attempt::integer + n.max_attempts),
        retry_delay = n.retry_delay, timeout = n.timeout,
        missed_since = null, missed_count = null, job_id = null, node_id = null, started_at = null, finished_at = null,
        progress = null, result = null, error = null, cancel_requested_at = null, next_attempt_at = null,
        clock_change = n.clock_change
      from next n join locked on locked.id = n.existing_id
      where r.id = locked.id and r.scheduled_for = locked.scheduled_for and ${isAskedFor}
        and r.status = any(case n.which ${whichCases} end)
      returning r.*
    ), first as (
      insert into pgbeat.runs (backfill_id, schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status,
        clock_change, priority, queue_name, max_attempts, retry_delay, timeout, queued_at)
      select id, schedule_id, name, task_name, payload, scheduled_for, 'backfill', 'queued', clock_change, priority, queue_name,
        max_attempts, retry_delay, timeout, pgbeat.clock()
      from next where existing_id is null and which <> 'failed'
      on conflict (schedule_id, scheduled_for) do nothing
      returning *
    ), begun as (
      select * from again union all select * from first
    ), noted as (
      update pgbeat.backfill_instants i set run_id = begun.id, chosen = begun.id is not null
      from next
      left join begun on begun.backfill_id = next.id and begun.scheduled_for = next.scheduled_for
      left join locked on locked.id = next.existing_id
      where i.backfill_id = next.id and i.scheduled_for = next.scheduled_for
        and (begun.id is not null or locked.id is not null or next.existing_id is null and next.which = 'failed')
    ), jobs as (
      select added.id from begun, lateral ${addJob('begun', sql`begun.attempt + 1`)} added
    )
    select count(*) as jobs from jobs`.execute(db)
  return Number(rows[0]?.jobs)
}

const stamps = (texts: readonly string[]) => sql.join(texts.map((text) => sql`${text}::timestamptz`))

const whichCases = sql.join(
  Object.entries(runAgain).map(([which, statuses]) => sql`when ${sql.lit(which)} then ${[...statuses]}::text[]`),
  sql` `,
)

export interface ClosedBackfill {
  readonly id: string
  readonly status: 'completed' | 'failed'
  readonly error: string | null
}

/** Closes the backfills that have nothing left to do; answers which. */
export async function closeBackfills(db: Db): Promise<ClosedBackfill[]> {
  const isInWindow = await activeWindow(db)
  const { rows } = await sql<ClosedBackfill>`
    with open as (
      select id, schedule_id, not exists (select from pgbeat.schedules s where s.id = schedule_id) as is_gone
      from pgbeat.backfills where status = 'running'
      for update skip locked
    )
    update pgbeat.backfills b set
      status = case when is_gone then 'failed' else 'completed' end,
      error = case when is_gone then 'the schedule was deleted' end, finished_at = pgbeat.clock()
    from open
    where b.id = open.id
      and (is_gone or not exists (
        select from pgbeat.backfill_instants i where i.backfill_id = b.id and chosen and run_id is null))
      and not exists (
        select from pgbeat.runs
        where backfill_id = b.id and status in ('waiting', 'queued', 'running', 'retrying') and ${isInWindow('runs')})
    returning b.id, b.status, b.error`.execute(db)
  return rows
}
