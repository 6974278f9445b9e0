import { type RawBuilder, sql } from 'kysely'
import { statusesBefore } from '../core/run-state.ts'
import type { RunOrigin } from '../events.ts'
import { arrayOf } from './array.ts'
import { addJob, type JobPayload } from './job.ts'
import { toJson } from './json.ts'
import type { Db, RunProgress } from './tables.ts'

/** What is needed to make an attempt. Instants are Unix milliseconds, by the database's clock. */
export interface RunToTry {
  readonly runId: string
  readonly scheduleId: string
  readonly scheduleName: string
  readonly taskName: string
  readonly payload: unknown
  readonly attempt: number
  readonly maxAttempts: number
  readonly retryDelayMs: number | null
  readonly timeoutMs: number | null
  readonly origin: RunOrigin
  readonly scheduledForMs: number
  readonly queuedAtMs: number
  /** When the first attempt began; null = none did. */
  readonly startedAtMs: number | null
  /** What time it was when this was read. */
  readonly nowMs: number
}

/** A run whose attempt may begin. */
export interface FoundRun extends RunToTry {
  /** Another one as soon as anything about the run is changed. */
  readonly version: string
}

/** An attempt that this node may make. */
export interface OpenedAttempt extends RunToTry {
  readonly startedAtMs: number
  readonly isFirstAttempt: boolean
}

/** The job that an attempt is made for. */
export interface AttemptJob {
  readonly job: JobPayload
  readonly jobId: string
}

export interface AttemptToOpen extends AttemptJob {
  /** When it began, in Unix milliseconds by the database's clock; left out, it begins now. */
  readonly beganAtMs?: number | undefined
}

/** Rows are read and locked in this order, whichever worker does it. */
export function byRun<Given extends { readonly job: JobPayload }>(given: readonly Given[]): Given[] {
  return [...given].sort((a, b) => Number(a.job.run_id) - Number(b.job.run_id))
}

/** Which runs a statement is about, as arrays to be unnested: `run_id`, `scheduled_for`, `attempt`. */
export function runKeys(jobs: readonly JobPayload[]): RawBuilder<unknown> {
  return sql`${arrayOf(jobs, ({ run_id }) => run_id)}::bigint[],
    ${arrayOf(jobs, ({ scheduled_for }) => scheduled_for)}::timestamptz[],
    ${arrayOf(jobs, ({ attempt }) => attempt)}::smallint[]`
}

/**
 * Keeps a statement from partitions that can't hold any of the runs.
 * @param row the name that the statement knows one by
 */
export function isAmong(row: string, jobs: readonly JobPayload[]): RawBuilder<unknown> {
  const instants = jobs.map(({ scheduled_for }) => Date.parse(scheduled_for))
  const [earliest, latest] = [Math.min(...instants), Math.max(...instants) + 1].map((ms) =>
    // Postgres knows years that JavaScript doesn't.
    Number.isNaN(ms) ? null : new Date(ms).toISOString(),
  )
  return sql`${sql.ref(`${row}.scheduled_for`)}
    between ${earliest ?? '-infinity'}::timestamptz and ${latest ?? 'infinity'}::timestamptz`
}

const toMs = (instant: RawBuilder<unknown>) => sql`extract(epoch from ${instant})::float8 * 1000`

const runToTry = sql`r.id as "runId", r.schedule_id as "scheduleId",
  r.schedule_name as "scheduleName", r.task_name as "taskName", r.payload, r.max_attempts as "maxAttempts",
  ${toMs(sql`r.retry_delay`)} as "retryDelayMs", ${toMs(sql`r.timeout`)} as "timeoutMs", r.origin,
  ${toMs(sql`r.scheduled_for`)} as "scheduledForMs", ${toMs(sql`r.queued_at`)} as "queuedAtMs",
  ${toMs(sql`r.started_at`)} as "startedAtMs", ${toMs(sql`clock.now`)} as "nowMs"`

/** Whose attempts may begin; the others are left out. Nothing is written: what begins so is nobody's yet. */
export async function findAttempts(db: Db, jobs: readonly JobPayload[]): Promise<FoundRun[]> {
  const { rows } = await sql<FoundRun>`
    with clock as materialized (select pgbeat.clock() as now)
    select ${runToTry}, given.attempt, r.xmin::text as version
    from clock, unnest(${runKeys(jobs)}) given (run_id, scheduled_for, attempt)
      join pgbeat.runs r on r.id = given.run_id and r.scheduled_for = given.scheduled_for
    where ${isAmong('r', jobs)}
      and r.status = any(${statusesBefore('running')}) and r.attempt = given.attempt - 1`.execute(db)
  return rows
}

/**
 * Opens the attempts that jobs stand for. Those that are not to be made are left out of the answer: the run is over or
 * cancelled, or another worker has this attempt. Asking again for an attempt that this node has open answers it again,
 * for the answer to the first question may have been lost.
 */
export async function openAttempts(
  db: Db,
  nodeId: string,
  given: readonly AttemptToOpen[],
): Promise<(OpenedAttempt & { readonly jobId: string })[]> {
  const jobs = given.map(({ job }) => job)
  const began = sql`least(clock.now, to_timestamp(given.began_ms / 1000))`
  const { rows } = await sql<OpenedAttempt & { readonly jobId: string }>`
    with clock as materialized (
      select pgbeat.clock() as now
    ), opened as (
      update pgbeat.runs r set
        status = 'running', attempt = given.attempt, job_id = given.job_id, node_id = ${nodeId},
        started_at = coalesce(r.started_at, ${began}), next_attempt_at = null
      from clock, unnest(${runKeys(jobs)}, ${arrayOf(given, ({ jobId }) => jobId)}::bigint[],
        ${arrayOf(given, ({ beganAtMs }) => beganAtMs ?? null)}::float8[])
        given (run_id, scheduled_for, attempt, job_id, began_ms)
      where r.id = given.run_id and r.scheduled_for = given.scheduled_for and ${isAmong('r', jobs)}
        and ((r.status = any(${statusesBefore('running')}) and r.attempt = given.attempt - 1)
          or (r.status = 'running' and r.attempt = given.attempt and r.node_id = ${nodeId}
            and r.job_id = given.job_id))
      returning r.*, ${began} as began_at
    ), tried as (
      insert into pgbeat.attempts (run_id, scheduled_for, attempt, node_id, started_at)
      select id, scheduled_for, attempt, node_id, began_at from opened
      on conflict do nothing
    )
    select ${runToTry}, r.attempt, r.job_id as "jobId", r.started_at = r.began_at as "isFirstAttempt"
    from opened r, clock`.execute(db)
  return rows
}

/** Opens one attempt; null when it is not to be made. */
export async function openAttempt(
  db: Db,
  { job, jobId, nodeId }: AttemptJob & { readonly nodeId: string },
): Promise<OpenedAttempt | null> {
  return (await openAttempts(db, nodeId, [{ job, jobId }]))[0] ?? null
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
