import { sql } from 'kysely'
import { type DecidedRun, type Decision, type DueSchedule, firedCount } from '../core/decide.ts'
import { addJob, jobPayload, mostDeliveries } from './job.ts'
import { toInstant } from './planning.ts'
import type { Db } from './tables.ts'
import { type TimetableRow, timetableColumns, toTimetable } from './timetable-row.ts'

export interface DueRow extends DueSchedule {
  readonly name: string
}

/**
 * Locks up to `limit` due schedules, the earliest first, and says what time it is in the database. What another tick is
 * firing is passed over.
 * @param now Unix milliseconds, instead of the database's clock
 */
export async function lockDue(
  db: Db,
  { now, limit }: { now: number | null; limit: number },
): Promise<{ now: number; due: DueRow[] }> {
  const { rows } = await sql<DueSelection>`
    select id, name, ${timetableColumns},
      (extract(epoch from next_run_at) * 1000)::float8 as next_run_at,
      coalesce(extract(epoch from jitter) * 1000, 0)::float8 as jitter,
      overlap_policy, catch_up,
      (extract(epoch from catch_up_window) * 1000)::float8 as catch_up_window,
      overlap_policy <> 'allow' and exists (
        select from pgbeat.runs
        where schedule_id = schedules.id and status in ('waiting', 'queued', 'running', 'retrying')
      ) as has_active_run,
      (extract(epoch from ${nowOr(now)}) * 1000)::float8 as now
    from pgbeat.schedules
    where enabled and next_run_at is not null and next_run_at <= ${nowOr(now)}
    order by next_run_at
    limit ${limit}
    for update skip locked`.execute(db)
  return { now: rows[0]?.now ?? 0, due: rows.map(toDueRow) }
}

type DueSelection = TimetableRow & {
  readonly id: string
  readonly name: string
  readonly next_run_at: number
  readonly jitter: number
  readonly overlap_policy: DueSchedule['overlapPolicy']
  readonly catch_up: DueSchedule['catchUp']
  readonly catch_up_window: number | null
  readonly has_active_run: boolean
  readonly now: number
}

function toDueRow(row: DueSelection): DueRow {
  return {
    id: row.id,
    name: row.name,
    timetable: toTimetable(row),
    nextRunAt: row.next_run_at,
    maxRuns: row.max_runs,
    runCount: Number(row.run_count),
    jitterMs: row.jitter,
    overlapPolicy: row.overlap_policy,
    catchUp: row.catch_up,
    catchUpWindowMs: row.catch_up_window,
    hasActiveRun: row.has_active_run,
  }
}

export interface DecidedSchedule {
  readonly id: string
  readonly decision: Decision
}

/**
 * Carries decisions out in one statement, however many there are: advances the schedules, writes the runs and adds the
 * jobs. An instant that has a run already gets neither a second run nor a job.
 */
export async function fire(db: Db, decided: readonly DecidedSchedule[]): Promise<{ runs: number; jobs: number }> {
  const runs = decided.flatMap(({ id, decision }) => decision.runs.map((run) => ({ id, run })))
  const each = <Value>(pick: (run: DecidedRun) => Value) => runs.map(({ run }) => pick(run))
  const { rows } = await sql<{ runs: string; jobs: string }>`
    with advanced as (
      update pgbeat.schedules s set
        next_run_at = a.next_run_at,
        last_run_at = coalesce(a.last_run_at, s.last_run_at),
        run_count = s.run_count + a.fired
      from unnest(
        ${decided.map(({ id }) => id)}::uuid[],
        ${decided.map(({ decision }) => toInstant(decision.nextRunAt))}::timestamptz[],
        ${decided.map(({ decision }) => lastInstant(decision))}::timestamptz[],
        ${decided.map(({ decision }) => firedCount(decision))}::integer[]
      ) as a(id, next_run_at, last_run_at, fired)
      where s.id = a.id
      returning s.id, s.name, s.task_name, s.payload, s.priority, s.queue_name, s.max_attempts, s.timeout
    ), written as (
      insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, reason,
        missed_since, missed_count, priority, queue_name, max_attempts, timeout, queued_at)
      select s.id, s.name, s.task_name, s.payload, d.scheduled_for, d.origin, d.status, d.reason,
        d.missed_since, d.missed_count, s.priority, s.queue_name, s.max_attempts, s.timeout,
        case when d.status = 'queued' then clock_timestamp() end
      from unnest(
        ${runs.map(({ id }) => id)}::uuid[],
        ${each((run) => toInstant(run.scheduledFor))}::timestamptz[],
        ${each((run) => run.origin)}::text[],
        ${each((run) => run.status)}::text[],
        ${each((run) => run.reason)}::text[],
        ${each((run) => (run.missedSince === null ? null : toInstant(run.missedSince)))}::timestamptz[],
        ${each((run) => run.missedCount)}::integer[]
      ) as d(schedule_id, scheduled_for, origin, status, reason, missed_since, missed_count)
      join advanced s on s.id = d.schedule_id
      on conflict (schedule_id, scheduled_for) do nothing
      returning id, schedule_id, scheduled_for, task_name, status, priority, queue_name
    ), jobs as (
      select added.id
      from (
        select array_agg((
          w.task_name,
          ${jobPayload('w', firstAttempt)},
          w.queue_name, w.scheduled_for + j.delay, ${mostDeliveries}, null, w.priority, null
        )::graphile_worker.job_spec order by w.scheduled_for, w.id) as specs
        from written w
        left join (
          select * from unnest(
            ${runs.filter(isJittered).map(({ id }) => id)}::uuid[],
            ${runs.filter(isJittered).map(({ run }) => toInstant(run.scheduledFor))}::timestamptz[],
            ${runs.filter(isJittered).map(({ run }) => `${run.jitterMs} ms`)}::interval[]
          ) as jittered(schedule_id, scheduled_for, delay)
        ) j using (schedule_id, scheduled_for)
        where w.status = 'queued'
      ) batch, lateral graphile_worker.add_jobs(batch.specs) added
      where batch.specs is not null
    )
    select (select count(*) from written) as runs, (select count(*) from jobs) as jobs`.execute(db)
  return { runs: Number(rows[0]?.runs), jobs: Number(rows[0]?.jobs) }
}

const firstAttempt = sql.lit(1)

const isJittered = ({ run }: { run: DecidedRun }) => run.jitterMs > 0

function lastInstant({ runs }: Decision): string | null {
  const last = runs.at(-1)
  return last === undefined ? null : toInstant(last.scheduledFor)
}

/**
 * Queues the earliest waiting run of each schedule that has no other run under way; answers how many.
 */
export async function promoteWaiting(db: Db): Promise<number> {
  const { rows } = await sql<{ jobs: string }>`
    with ready as (
      select distinct on (w.schedule_id) w.id, w.scheduled_for
      from pgbeat.runs w
      where w.status = 'waiting' and not exists (
        select from pgbeat.runs active
        where active.schedule_id = w.schedule_id and active.status in ('queued', 'running', 'retrying'))
      order by w.schedule_id, w.scheduled_for
    ), promoted as (
      update pgbeat.runs r set status = 'queued', queued_at = clock_timestamp()
      from ready
      where r.id = ready.id and r.scheduled_for = ready.scheduled_for and r.status = 'waiting'
      returning r.id, r.task_name, r.scheduled_for, r.queue_name, r.priority
    ), jobs as (
      select added.id from promoted, lateral ${addJob('promoted', firstAttempt)} added
    )
    select count(*) as jobs from jobs`.execute(db)
  return Number(rows[0]?.jobs)
}

/** Milliseconds until the next schedule is due: 0 when one is, null when there is none. */
export async function untilDue(db: Db): Promise<number | null> {
  const { rows } = await sql<{ wait: number }>`
    select greatest(0, extract(epoch from next_run_at - clock_timestamp()) * 1000)::float8 as wait
    from pgbeat.schedules
    where enabled and next_run_at < 'infinity'
    order by next_run_at
    limit 1`.execute(db)
  return rows[0]?.wait ?? null
}

function nowOr(now: number | null) {
  return now === null ? sql`now()` : sql`${new Date(now).toISOString()}::timestamptz`
}
