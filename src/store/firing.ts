import { type RawBuilder, sql } from 'kysely'
import { type DecidedRun, type Decision, firedCount, lastDecided } from '../core/decide.ts'
import type { FireOutcome } from '../events.ts'
import { arrayOf, fromMs } from './array.ts'
import { jobPayload, mostDeliveries } from './job.ts'
import type { Db } from './tables.ts'

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
  /** A row that is locked stays where it is, and to go there takes no index. */
  readonly place: string
  readonly decision: Decision
}

/**
 * Carries decisions out in one statement, however many there are: advances the schedules, writes the runs and adds the
 * jobs. An instant that has a run already gets neither a second run nor a job.
 * @param mayExist whether some instants may have runs; to look for each of them takes time
 * @param at the instant to come at which this is committed, in Unix milliseconds: what is queued is queued then; left out,
 *   it is now
 * @throws what `isTaken` knows when one has a run although none should: nothing was done then
 */
export async function fire(
  db: Db,
  decided: readonly DecidedSchedule[],
  { mayExist, at }: { readonly mayExist: boolean; readonly at?: number },
): Promise<Fired> {
  const queuedAt = at === undefined ? sql`pgbeat.clock()` : sql`to_timestamp(${at}::float8 / 1000)`
  const runAt = at === undefined ? sql`w.next_attempt_at` : sql`coalesce(w.next_attempt_at, w.queued_at)`
  const further = decided.flatMap(({ decision }, index) =>
    decision.runs.slice(1).map((run) => ({ position: index + 1, run })),
  )
  const lapses = decided.flatMap(({ id, decision: { lapse } }) => (lapse === null ? [] : [{ id, lapse }]))
  const { rows } = await sql<FiredSelection>`
    with advanced as (
      update pgbeat.schedules s set
        next_run_at = coalesce(${fromMs('a.next_run_at')}, 'infinity'),
        last_run_at = coalesce(${fromMs('a.last_run_at')}, s.last_run_at),
        run_count = s.run_count + a.fired
      from unnest(
        ${arrayOf(decided, ({ place }) => place)}::tid[],
        ${arrayOf(decided, ({ decision }) => decision.nextRunAt)}::float8[],
        ${arrayOf(decided, ({ decision }) => lastDecided(decision))}::float8[],
        ${arrayOf(decided, ({ decision }) => firedCount(decision))}::integer[],
        ${runArrays(decided.map(({ decision }) => decision.runs[0]))}
      ) with ordinality as a(place, next_run_at, last_run_at, fired, ${sql.raw(runColumns.join())}, position)
      where s.ctid = a.place
      returning s.id, s.name, s.task_name, s.payload, s.priority, s.queue_name, s.max_attempts, s.retry_delay, s.timeout,
        a.position, ${runColumnsOf('a')}
    ), written as (
      insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, priority, queue_name, max_attempts,
        retry_delay, timeout, ${sql.raw(runColumns.join())}, queued_at)
      select id, name, task_name, payload, priority, queue_name, max_attempts, retry_delay, timeout, ${runValuesOf('advanced', queuedAt)}
      from advanced where status is not null
      union all
      select s.id, s.name, s.task_name, s.payload, s.priority, s.queue_name, s.max_attempts, s.retry_delay, s.timeout,
        ${runValuesOf('d', queuedAt)}
      from unnest(${arrayOf(further, ({ position }) => position)}::bigint[], ${runArrays(further.map(({ run }) => run))})
        as d(position, ${sql.raw(runColumns.join())})
      join advanced s using (position)
      ${mayExist ? sql`on conflict (schedule_id, scheduled_for) do nothing` : sql``}
      returning id, scheduled_for, task_name, status, next_attempt_at, priority, queue_name, origin, reason, missed_count,
        queued_at
    ), jobs as (
      select added.id
      from (
        select array_agg((
          w.task_name,
          ${jobPayload('w', firstAttempt)},
          w.queue_name, ${runAt}, ${mostDeliveries}, null, w.priority, null
        )::graphile_worker.job_spec order by w.scheduled_for, w.id) as specs
        from written w
        where w.status = 'queued'
      ) batch, lateral graphile_worker.add_jobs(batch.specs) added
      where batch.specs is not null
    ), lapsed as (
      select pgbeat.add_lapse(s, l.reason, ${fromMs('l.since')}, ${fromMs('l.until')})
      from unnest(
        ${arrayOf(lapses, ({ id }) => id)}::uuid[],
        ${arrayOf(lapses, ({ lapse }) => lapse.reason)}::text[],
        ${arrayOf(lapses, ({ lapse }) => lapse.since)}::float8[],
        ${arrayOf(lapses, ({ lapse }) => lapse.until)}::float8[]
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

/** Of a run, besides what it has from its schedule; instants as Unix milliseconds. */
const runColumns = [
  ...['scheduled_for', 'origin', 'status', 'reason'],
  ...['missed_since', 'missed_count', 'clock_change', 'next_attempt_at'],
]

/** To be unnested as the columns of runs. */
function runArrays(runs: readonly (DecidedRun | undefined)[]): RawBuilder<unknown> {
  const each = (pick: (run: DecidedRun) => string | number | null) => arrayOf(runs, (run) => (run ? pick(run) : null))
  return sql`
    ${each((run) => run.scheduledFor)}::float8[],
    ${each((run) => run.origin)}::text[],
    ${each((run) => run.status)}::text[],
    ${each((run) => run.reason)}::text[],
    ${each((run) => run.missedSince)}::float8[],
    ${each((run) => run.missedCount)}::integer[],
    ${each((run) => run.clockChange)}::text[],
    ${each((run) => (run.jitterMs > 0 ? run.scheduledFor + run.jitterMs : null))}::float8[]`
}

function runColumnsOf(row: string): RawBuilder<unknown> {
  return sql.join(runColumns.map((column) => sql.ref(`${row}.${column}`)))
}

/** What is written of a run, `queued_at` included. */
function runValuesOf(row: string, queuedAt: RawBuilder<unknown>): RawBuilder<unknown> {
  const of = (column: string) => sql.ref(`${row}.${column}`)
  return sql`${fromMs(`${row}.scheduled_for`)}, ${of('origin')}, ${of('status')}, ${of('reason')},
    ${fromMs(`${row}.missed_since`)}, ${of('missed_count')}, ${of('clock_change')}, ${fromMs(`${row}.next_attempt_at`)},
    case when ${of('status')} = 'queued' then ${queuedAt} end`
}

const firstAttempt = sql.lit(1)
