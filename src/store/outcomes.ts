import { type RawBuilder, sql } from 'kysely'
import { arrayOf } from './array.ts'
import { type AttemptJob, isAmong, runKeys } from './attempts.ts'
import { addJob, type JobPayload } from './job.ts'
import { toJson } from './json.ts'
import type { Db, RunError } from './tables.ts'

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

/** An outcome as it is sent: what is not text yet of a `ClosedAttempt` is JSON. */
export interface Outcome extends Omit<ClosedAttempt, 'result' | 'error'> {
  readonly job: JobPayload
  readonly result: string | null
  readonly error: string | null
}

/** The outcome of an attempt that was made without being opened. */
export interface UnopenedOutcome extends Outcome, AttemptJob {
  /** The run's version when it was found. */
  readonly version: string
  /** When the attempt began, in Unix milliseconds by the database's clock. */
  readonly startedAtMs: number
}

/** @throws what JSON.stringify throws */
export function outcomeOf(job: JobPayload, { result, error, ...closing }: ClosedAttempt): Outcome {
  return { ...closing, job, result: toJson(result), error: toJson(error) }
}

/** Which of the outcomes it is, besides what became of the run. */
export interface WrittenOutcome extends ClosedRun {
  readonly runId: string
  readonly attempt: number
}

/**
 * Writes how attempts that this node has open ended and, if there is to be another, adds its job in the same
 * transaction. Left out of the answer are attempts that were no longer this node's: they had been given up for lost,
 * and what came of them counts for nothing.
 */
export async function closeAttempts(db: Db, nodeId: string, outcomes: readonly Outcome[]): Promise<WrittenOutcome[]> {
  return write(db, outcomes, {
    columns: [],
    sets: sql``,
    isOurs: sql`r.status = 'running' and r.attempt = given.attempt and r.node_id = ${nodeId}`,
    tried: sql`
      update pgbeat.attempts a set status = closed.attempt_status, error = closed.error, finished_at = closed.now
      from closed
      where a.run_id = closed.id and a.scheduled_for = closed.scheduled_for and a.attempt = closed.attempt
        and ${isAmong('a', jobsOf(outcomes))}`,
  })
}

/**
 * Writes attempts from beginning to end that were never opened. Left out of the answer are those whose run is no longer
 * as it was found.
 */
export async function writeAttempts(
  db: Db,
  nodeId: string,
  outcomes: readonly UnopenedOutcome[],
): Promise<WrittenOutcome[]> {
  return write(db, outcomes, {
    columns: [
      ['job_id', sql`${arrayOf(outcomes, ({ jobId }) => jobId)}::bigint[]`],
      ['version', sql`${arrayOf(outcomes, ({ version }) => version)}::xid[]`],
      ['started_ms', sql`${arrayOf(outcomes, ({ startedAtMs }) => startedAtMs)}::float8[]`],
    ],
    sets: sql`
      attempt = given.attempt, job_id = given.job_id, node_id = ${nodeId},
      started_at = coalesce(r.started_at, least(clock.now, to_timestamp(given.started_ms / 1000))),`,
    isOurs: sql`r.xmin = given.version`,
    tried: sql`
      insert into pgbeat.attempts (run_id, scheduled_for, attempt, node_id, started_at, finished_at, status, error)
      select id, scheduled_for, attempt, ${nodeId}, least(now, to_timestamp(started_ms / 1000)), now, attempt_status,
        error
      from closed`,
    keep: sql`, given.started_ms`,
  })
}

/** Writes how one attempt ended; null when it was no longer this node's. */
export async function closeAttempt(
  db: Db,
  { job, nodeId }: { readonly job: JobPayload; readonly nodeId: string },
  closing: ClosedAttempt,
): Promise<ClosedRun | null> {
  return (await closeAttempts(db, nodeId, [outcomeOf(job, closing)]))[0] ?? null
}

interface Writing {
  /** What is given of each besides its outcome. */
  readonly columns: readonly (readonly [name: string, values: RawBuilder<unknown>])[]
  readonly sets: RawBuilder<unknown>
  readonly isOurs: RawBuilder<unknown>
  /** Writes the rows of `attempts`. */
  readonly tried: RawBuilder<unknown>
  readonly keep?: RawBuilder<unknown>
}

async function write(
  db: Db,
  outcomes: readonly Outcome[],
  { columns, sets, isOurs, tried, keep = sql`` }: Writing,
): Promise<WrittenOutcome[]> {
  const jobs = jobsOf(outcomes)
  const values = columns.map(([, value]) => sql`, ${value}`)
  const names = columns.map(([name]) => sql`, ${sql.ref(name)}`)
  // A run that was cancelled is not tried again, even if its attempt ended before it could be told.
  const status = sql`case when given.status = 'retrying' and r.cancel_requested_at is not null then 'cancelled'
    else given.status end`
  // Most batches have nothing to try again, and need no plan for it.
  const isRetrying = outcomes.some(({ runStatus }) => runStatus === 'retrying')
  const given = outcomes.every(isPlain) ? allSucceeded(outcomes) : anyhow(outcomes)
  const { rows } = await sql<WrittenOutcome>`
    with clock as materialized (
      select pgbeat.clock() as now
    ), closed as (
      update pgbeat.runs r set ${sets}
        status = ${status},
        reason = case when ${status} = 'cancelled' then r.reason else given.reason end,
        result = given.result, error = given.error,
        -- An attempt that its worker broke off leaves as many to come as there were before it.
        max_attempts = r.max_attempts + case
          when given.attempt_status = 'worker_stopped' and r.max_attempts < 32767 then 1 else 0 end,
        finished_at = case when ${status} <> 'retrying' then clock.now end,
        next_attempt_at = case when ${status} = 'retrying'
          then clock.now + given.retry_in_ms * interval '1 millisecond' end
      from clock, (
        select ${given.selected} from unnest(${runKeys(jobs)}, ${given.values}${sql.join(values, sql``)})
          _ (run_id, scheduled_for, attempt, ${given.names}${sql.join(names, sql``)})
      ) given
      where r.id = given.run_id and r.scheduled_for = given.scheduled_for and ${isAmong('r', jobs)}
        and ${isOurs}
      returning r.id, r.scheduled_for, r.schedule_id, r.backfill_id, r.task_name, r.queue_name, r.priority, r.attempt,
        r.status, r.reason, r.error, r.next_attempt_at, given.attempt_status, clock.now${keep}
    ), tried as (${tried}
    ), jobs as (${
      isRetrying
        ? sql`
      select added.id
      from closed, lateral ${addJob('closed', sql`closed.attempt + 1`, sql`closed.next_attempt_at`)} added
      where closed.status = 'retrying'`
        : sql`select 1 as id where false`
    }
    ), woken as (
      select pg_notify('pgbeat_schedules', 'promote')
      where exists (select from closed where status <> 'retrying' and backfill_id is not null)
        or (exists (select from pgbeat.runs where status = 'waiting') and exists (
          select from (select distinct schedule_id from closed where status <> 'retrying') done
          where exists (
              select from pgbeat.schedules s join pgbeat.runs behind on behind.schedule_id = s.id
              where s.id = done.schedule_id and ${mayMakeWait} and behind.status = 'waiting')))
        or exists (
          select from pgbeat.backfills b
          where b.status = 'running' and b.schedule_id in (select schedule_id from closed where status <> 'retrying'))
    )
    select id as "runId", attempt, status, reason, (select count(*) from jobs) + (select count(*) from woken) as more
    from closed`.execute(db)
  return rows
}

/**
 * Other schedules' runs don't wait for each other, and need not be looked for. Where that is not so, because the schedule was
 * edited or deleted meanwhile, the leader finds them by itself within a second.
 */
const mayMakeWait = sql`(s.overlap_policy in ('queue', 'replace') or s.catch_up = 'all')`

interface Given {
  readonly values: RawBuilder<unknown>
  readonly names: RawBuilder<unknown>
  readonly selected: RawBuilder<unknown>
}

function anyhow(outcomes: readonly Outcome[]): Given {
  return {
    values: sql`${outcomes.map(({ result }) => result)}::jsonb[],
      ${outcomes.map(({ runStatus }) => runStatus)}::text[],
      ${outcomes.map(({ attemptStatus }) => attemptStatus)}::text[],
      ${outcomes.map(({ reason }) => reason)}::text[],
      ${outcomes.map(({ error }) => error)}::jsonb[],
      ${outcomes.map(({ retryInMs }) => retryInMs)}::float8[]`,
    names: sql`result, status, attempt_status, reason, error, retry_in_ms`,
    selected: sql`*`,
  }
}

/** What a run comes to most of the time, which needs not be said for each of them. */
function isPlain({ runStatus, attemptStatus, reason, error }: Outcome): boolean {
  return runStatus === 'succeeded' && attemptStatus === 'succeeded' && reason === null && error === null
}

function allSucceeded(outcomes: readonly Outcome[]): Given {
  return {
    values: sql`${outcomes.map(({ result }) => result)}::jsonb[]`,
    names: sql`result`,
    selected: sql`*, 'succeeded' as status, 'succeeded' as attempt_status, null as reason, null::jsonb as error,
      0::float8 as retry_in_ms`,
  }
}

function jobsOf(outcomes: readonly Outcome[]): JobPayload[] {
  return outcomes.map(({ job }) => job)
}
