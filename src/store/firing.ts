import { sql } from 'kysely'
import {
  type DecidedRun,
  type Decision,
  type DueSchedule,
  firedCount,
  lastDecided,
  missedAfterMs,
} from '../core/decide.ts'
import type { FireOutcome } from '../events.ts'
import { jobPayload, mostDeliveries } from './job.ts'
import { activeRuns } from './overlap.ts'
import { toInstant, toInstantOrNull } from './planning.ts'
import type { Db } from './tables.ts'
import { type TimetableRow, timetableColumns, toTimetable } from './timetable-row.ts'

export interface DueRow extends DueSchedule {
  readonly name: string
}

/**
 * Locks up to `limit` due schedules, the earliest first, and says what time it is in the database. What another tick is
 * firing is passed over.
 * @param late those whose instant was missed, instead of those that are on time
 */
export async function lockDue(
  db: Db,
  { late, limit }: { late: boolean; limit: number },
): Promise<{ now: number; due: DueRow[] }> {
  const now = sql`(select now from clock)`
  const onTimeFrom = sql`${now} - ${missedAfterMs} * interval '1 millisecond'`
  const { rows } = await sql<DueSelection>`
    with clock as materialized (select pgbeat.clock() as now)
    select id, name, ${timetableColumns},
      (extract(epoch from next_run_at) * 1000)::float8 as next_run_at,
      coalesce(extract(epoch from jitter) * 1000, 0)::float8 as jitter,
      overlap_policy, catch_up,
      (extract(epoch from catch_up_window) * 1000)::float8 as catch_up_window,
      (extract(epoch from ${now}) * 1000)::float8 as now
    from pgbeat.schedules
    where enabled and next_run_at is not null
      and ${late ? sql`next_run_at < ${onTimeFrom}` : sql`next_run_at >= ${onTimeFrom} and next_run_at <= ${now}`}
    order by schedules.next_run_at
    limit ${limit}
    for update skip locked`.execute(db)
  const active = await activeRuns(
    db,
    rows.filter(({ overlap_policy }) => overlap_policy !== 'allow').map(({ id }) => id),
  )
  return { now: rows[0]?.now ?? 0, due: rows.map((row) => toDueRow(row, active.has(row.id))) }
}

type DueSelection = TimetableRow & {
  readonly id: string
  readonly name: string
  readonly next_run_at: number
  readonly jitter: number
  readonly overlap_policy: DueSchedule['overlapPolicy']
  readonly catch_up: DueSchedule['catchUp']
  readonly catch_up_window: number | null
  readonly now: number
}

function toDueRow(row: DueSelection, hasActiveRun: boolean): DueRow {
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
    hasActiveRun,
  }
}

/** What became of a batch. An instant that had a run already is not in it. */
export interface Fired {
  readonly runs: number
  readonly jobs: number
  readonly outcomes: FireOutcome[]
  /** Of the queued runs, from the nominal instant until it was queued. */
  readonly fireDelaysMs: { origin: FireOutcome['origin']; delaysMs: number[] }[]
}

export interface DecidedSchedule {
  readonly id: string
  readonly decision: Decision
}

/**
 * Carries decisions out in one statement, however many there are: advances the schedules, writes the runs and adds the
 * jobs. An instant that has a run already gets neither a second run nor a job.
 */
export async function fire(db: Db, decided: readonly DecidedSchedule[]): Promise<Fired> {
  const runs = decided.flatMap(({ id, decision }) => decision.runs.map((run) => ({ id, run })))
  const lapses = decided.flatMap(({ id, decision: { lapse } }) => (lapse === null ? [] : [{ id, lapse }]))
  const each = <Value>(pick: (run: DecidedRun) => Value) => runs.map(({ run }) => pick(run))
  const { rows } = await sql<FiredSelection>`
    with advanced as (
      update pgbeat.schedules s set
        next_run_at = a.next_run_at,
        last_run_at = coalesce(a.last_run_at, s.last_run_at),
        run_count = s.run_count + a.fired
      from unnest(
        ${decided.map(({ id }) => id)}::uuid[],
        ${decided.map(({ decision }) => toInstant(decision.nextRunAt))}::timestamptz[],
        ${decided.map(({ decision }) => toInstantOrNull(lastDecided(decision)))}::timestamptz[],
        ${decided.map(({ decision }) => firedCount(decision))}::integer[]
      ) as a(id, next_run_at, last_run_at, fired)
      where s.id = a.id
      returning s.id, s.name, s.task_name, s.payload, s.priority, s.queue_name, s.max_attempts,
        s.retry_delay, s.timeout
    ), written as (
      insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, reason,
        missed_since, missed_count, clock_change, next_attempt_at, priority, queue_name, max_attempts, retry_delay, timeout,
        queued_at)
      select s.id, s.name, s.task_name, s.payload, d.scheduled_for, d.origin, d.status, d.reason,
        d.missed_since, d.missed_count, d.clock_change, d.scheduled_for + d.jitter, s.priority, s.queue_name,
        s.max_attempts, s.retry_delay, s.timeout, case when d.status = 'queued' then pgbeat.clock() end
      from unnest(
        ${runs.map(({ id }) => id)}::uuid[],
        ${each((run) => toInstant(run.scheduledFor))}::timestamptz[],
        ${each((run) => run.origin)}::text[],
        ${each((run) => run.status)}::text[],
        ${each((run) => run.reason)}::text[],
        ${each((run) => toInstantOrNull(run.missedSince))}::timestamptz[],
        ${each((run) => run.missedCount)}::integer[],
        ${each((run) => run.clockChange)}::text[],
        ${each((run) => (run.jitterMs > 0 ? `${run.jitterMs} ms` : null))}::interval[]
      ) as d(schedule_id, scheduled_for, origin, status, reason, missed_since, missed_count, clock_change, jitter)
      join advanced s on s.id = d.schedule_id
      on conflict (schedule_id, scheduled_for) do nothing
      returning id, scheduled_for, task_name, status, next_attempt_at, priority, queue_name, origin, reason, missed_count,
        queued_at
    ), jobs as (
      select added.id
      from (
        select array_agg((
          w.task_name,
          ${jobPayload('w', firstAttempt)},
          w.queue_name, w.next_attempt_at, ${mostDeliveries}, null, w.priority, null
        )::graphile_worker.job_spec order by w.scheduled_for, w.id) as specs
        from written w
        where w.status = 'queued'
      ) batch, lateral graphile_worker.add_jobs(batch.specs) added
      where batch.specs is not null
    ), lapsed as (
      select pgbeat.add_lapse(s, l.reason, l.since, l.until)
      from unnest(
        ${lapses.map(({ id }) => id)}::uuid[],
        ${lapses.map(({ lapse }) => lapse.reason)}::text[],
        ${lapses.map(({ lapse }) => toInstant(lapse.since))}::timestamptz[],
        ${lapses.map(({ lapse }) => toInstant(lapse.until))}::timestamptz[]
      ) as l(id, reason, since, until)
      join pgbeat.schedules s using (id)
    )
    select (select count(*) from written) as runs, (select count(*) from jobs) as jobs,
      (select count(*) from lapsed) as lapses,
      (select json_agg(grouped) from (
        select origin, status, reason, sum(coalesce(missed_count, 1)) as instants,
          json_agg(date_part('epoch', queued_at - scheduled_for)) filter (where status = 'queued') as delays
        from written group by origin, status, reason
      ) grouped) as outcomes`.execute(db)
  const outcomes = rows[0]?.outcomes ?? []
  return {
    runs: Number(rows[0]?.runs),
    jobs: Number(rows[0]?.jobs),
    outcomes: outcomes.map(({ delays: _, ...outcome }) => outcome),
    fireDelaysMs: outcomes.flatMap(({ origin, delays }) =>
      delays === null ? [] : [{ origin, delaysMs: delays.map((seconds) => seconds * 1_000) }],
    ),
  }
}

interface FiredSelection {
  readonly runs: string
  readonly jobs: string
  readonly outcomes: (FireOutcome & { readonly delays: number[] | null })[] | null
}

const firstAttempt = sql.lit(1)

/** Milliseconds until the next schedule is due: 0 when one is, null when there is none. */
export async function untilDue(db: Db): Promise<number | null> {
  const { rows } = await sql<{ wait: number }>`
    select greatest(0, extract(epoch from next_run_at - pgbeat.clock()) * 1000)::float8 as wait
    from pgbeat.schedules
    where enabled and next_run_at < 'infinity'
    order by next_run_at
    limit 1`.execute(db)
  return rows[0]?.wait ?? null
}
