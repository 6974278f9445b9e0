import { sql } from 'kysely'
import { statusesBefore } from '../core/run-state.ts'
import type { RunOrigin } from '../events.ts'
import { addJob, type JobPayload } from './job.ts'
import { toJson } from './json.ts'
import type { Db, RunError, RunProgress } from './tables.ts'

/** An attempt that this node may make, and what it needs for it. */
export interface OpenedAttempt {
  readonly runId: string
  readonly scheduledFor: Date
  readonly scheduleId: string
  readonly scheduleName: string
  readonly taskName: string
  readonly payload: unknown
  readonly attempt: number
  readonly maxAttempts: number
  readonly retryDelayMs: number | null
  readonly timeoutMs: number | null
  readonly origin: RunOrigin
  readonly isFirstAttempt: boolean
  /** Milliseconds from the nominal instant to the start of the first attempt: the two delays together. */
  readonly latenessMs: number
  /** When this attempt began, by the database's clock: Unix milliseconds. */
  readonly startedAtMs: number
  /** Until the run was queued. */
  readonly fireDelayMs: number
  /** From then until the first attempt began. */
  readonly queueDelayMs: number
}

/**
 * Opens the attempt that a job stands for. Answers null when it is not to be made: the run is over or cancelled, or
 * another worker has this attempt. Asking again for an attempt that this node has open answers it again, for the
 * answer to the first question may have been lost.
 */
export async function openAttempt(
  db: Db,
  { job, jobId, nodeId }: { job: JobPayload; jobId: string; nodeId: string },
): Promise<OpenedAttempt | null> {
  const { rows } = await sql<OpenedAttempt>`
    with clock as materialized (
      select pgbeat.clock() as now
    ), opened as (
      update pgbeat.runs set
        status = 'running', attempt = ${job.attempt}, job_id = ${jobId}, node_id = ${nodeId},
        started_at = coalesce(started_at, (select now from clock)), next_attempt_at = null
      where id = ${job.run_id} and scheduled_for = ${job.scheduled_for}
        and ((status = any(${statusesBefore('running')}) and attempt = ${job.attempt} - 1)
          or (status = 'running' and attempt = ${job.attempt} and node_id = ${nodeId} and job_id = ${jobId}))
      returning *
    ), tried as (
      insert into pgbeat.attempts (run_id, scheduled_for, attempt, node_id, started_at)
      select id, scheduled_for, attempt, node_id, now from opened, clock
      on conflict do nothing
    )
    select id as "runId", scheduled_for as "scheduledFor", schedule_id as "scheduleId",
      schedule_name as "scheduleName", task_name as "taskName", payload, attempt, max_attempts as "maxAttempts",
      extract(epoch from retry_delay)::float8 * 1000 as "retryDelayMs",
      extract(epoch from timeout)::float8 * 1000 as "timeoutMs",
      origin, started_at = now as "isFirstAttempt",
      extract(epoch from started_at - scheduled_for)::float8 * 1000 as "latenessMs",
      extract(epoch from queued_at - scheduled_for)::float8 * 1000 as "fireDelayMs",
      extract(epoch from started_at - queued_at)::float8 * 1000 as "queueDelayMs",
      (extract(epoch from now) * 1000)::float8 as "startedAtMs"
    from opened, clock`.execute(db)
  return rows[0] ?? null
}

/** Adds the job of an attempt that was not begun anew, for another worker; its `run_at` keeps its place in a queue. */
export async function putBack(db: Db, job: JobPayload, runAt: Date): Promise<void> {
  await sql`
    select added.id
    from pgbeat.runs r,
      lateral ${addJob('r', sql`${job.attempt}::int`, sql`${runAt}::timestamptz`)} added
    where r.id = ${job.run_id} and r.scheduled_for = ${job.scheduled_for}
      and r.status = any(${statusesBefore('running')}) and r.attempt = ${job.attempt} - 1`.execute(db)
}

/** How an attempt ended. */
export interface ClosedAttempt {
  readonly attemptStatus: 'succeeded' | 'failed' | 'timed_out' | 'worker_stopped' | 'cancelled'
  readonly runStatus: ClosedRun['status']
  readonly reason: string | null
  readonly result: unknown
  readonly error: RunError | null
  /** Retrying: milliseconds until the next attempt. */
  readonly retryInMs: number
}

/** What became of a run when its attempt was closed. */
export interface ClosedRun {
  readonly status: 'succeeded' | 'failed' | 'retrying' | 'cancelled'
  readonly reason: string | null
}

/**
 * Writes how an attempt ended and, if there is to be another, adds its job in the same transaction. Answers null when
 * the attempt was no longer this node's: it had been given up for lost, and what came of it counts for nothing.
 */
export async function closeAttempt(
  db: Db,
  { job, nodeId }: { job: JobPayload; nodeId: string },
  { attemptStatus, runStatus, reason, result, error, retryInMs }: ClosedAttempt,
): Promise<ClosedRun | null> {
  const errorJson = toJson(error)
  // A run that was cancelled is not tried again, even if its attempt ended before it could be told.
  const closedStatus = sql`case when ${runStatus}::text = 'retrying' and cancel_requested_at is not null then 'cancelled' else ${runStatus}::text end`
  const { rows } = await sql<ClosedRun>`
    with closed as (
      update pgbeat.runs set
        status = ${closedStatus},
        reason = case when ${closedStatus} = 'cancelled' then reason else ${reason} end,
        result = ${toJson(result)}, error = ${errorJson},
        -- An attempt that its worker broke off leaves as many to come as there were before it.
        max_attempts = max_attempts + case
          when ${attemptStatus} = 'worker_stopped' and max_attempts < 32767 then 1 else 0 end,
        finished_at = case when ${closedStatus} <> 'retrying' then pgbeat.clock() end,
        next_attempt_at = case when ${closedStatus} = 'retrying'
          then pgbeat.clock() + ${retryInMs} * interval '1 millisecond' end
      where id = ${job.run_id} and scheduled_for = ${job.scheduled_for}
        and status = 'running' and attempt = ${job.attempt} and node_id = ${nodeId}
      returning *
    ), tried as (
      update pgbeat.attempts a set status = ${attemptStatus}, error = ${errorJson}, finished_at = pgbeat.clock()
      from closed
      where a.run_id = closed.id and a.scheduled_for = closed.scheduled_for and a.attempt = closed.attempt
    ), jobs as (
      select added.id
      from closed, lateral ${addJob('closed', sql`closed.attempt + 1`, sql`closed.next_attempt_at`)} added
      where closed.status = 'retrying'
    ), woken as (
      select pg_notify('pgbeat_schedules', 'promote') from closed
      where closed.status <> 'retrying' and (closed.backfill_id is not null
        or exists (
          select from pgbeat.runs behind where behind.schedule_id = closed.schedule_id and behind.status = 'waiting')
        or exists (
          select from pgbeat.backfills b where b.schedule_id = closed.schedule_id and b.status = 'running'))
    )
    select status, reason, (select count(*) from jobs) + (select count(*) from woken) as jobs from closed`.execute(db)
  return rows[0] ?? null
}

/** Keeps what a running attempt reports of itself. */
export async function reportProgress(
  db: Db,
  { job, nodeId }: { job: JobPayload; nodeId: string },
  progress: RunProgress,
): Promise<void> {
  await sql`
    update pgbeat.runs set progress = ${toJson(progress)}
    where id = ${job.run_id} and scheduled_for = ${job.scheduled_for}
      and status = 'running' and attempt = ${job.attempt} and node_id = ${nodeId}`.execute(db)
}
