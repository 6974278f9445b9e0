import type pg from 'pg'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { overPool } from '../../../src/store/database.ts'
import { timetableOf } from '../../../src/store/preview.ts'
import { imagineRuns, type PastRun } from './imagine.ts'
import { characters } from './schedules.ts'

const longestDays = 14

/** Gives schedules that nobody has fired yet a past: they have been there for days, and a tick and workers all along. */
export async function addPast(pool: pg.Pool): Promise<void> {
  await pool.query(`select pgbeat.create_run_partitions(current_date - ${longestDays}, current_date + 3)`)
  for (const [name, { days }] of Object.entries(characters)) await makeOlder(pool, name, days)
  const runs: PastRun[] = []
  const random = xoroshiro128plus(8)
  const { rows } = await pool.query<{ id: string; name: string }>('select id, name from pgbeat.schedules order by name')
  for (const { id, name } of rows) {
    const [character, found] = [characters[name], await timetableOf(overPool(pool), id)]
    if (character === undefined || found === null) continue
    runs.push(...imagineRuns({ name, timetable: found.timetable, character, now: found.now, random }))
  }
  await writeRuns(
    pool,
    runs.toSorted((one, other) => one.at - other.at),
  )
  await pool.query(minutes)
}

/** Writes what the system keeps by itself, in place of its triggers. */
async function byHand(pool: pg.Pool, text: string, values: unknown[]): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin; set local session_replication_role = replica')
    await client.query(text, values)
    await client.query('commit')
  } finally {
    client.release()
  }
}

function makeOlder(pool: pg.Pool, name: string, days: number): Promise<void> {
  return byHand(
    pool,
    `with older as (
       update pgbeat.schedules set created_at = created_at - $2 * interval '1 day',
         updated_at = updated_at - $2 * interval '1 day'
       where name = $1 returning id, created_at
     ), searched as (
       update pgbeat.schedule_search s set created_at = older.created_at, updated_at = older.created_at
       from older where s.schedule_id = older.id
     )
     update pgbeat.schedule_events e set occurred_at = older.created_at from older where e.schedule_id = older.id`,
    [name, days],
  )
}

async function writeRuns(pool: pg.Pool, runs: readonly PastRun[]): Promise<void> {
  await byHand(
    pool,
    `with past as (
       select s.id, s.name, s.task_name, s.payload, s.max_attempts, p.* from jsonb_to_recordset($1) p (schedule text, at float8, origin text, status text, reason text,
         "missedSince" float8, "missedCount" int, "queuedAt" float8, "startedAt" float8, "finishedAt" float8, error text)
       join pgbeat.schedules s on s.name = p.schedule
       order by p.at
     ), written as (
       insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, reason,
         missed_since, missed_count, max_attempts, attempt, node_id, queued_at, started_at, finished_at, error)
       select id, name, task_name, payload, to_timestamp(at / 1000), origin, status, reason,
         to_timestamp("missedSince" / 1000), "missedCount", max_attempts, case when "startedAt" is null then 0 else 1 end,
         case when "startedAt" is not null then (select id from pgbeat.nodes where kind = 'worker' limit 1) end,
         to_timestamp("queuedAt" / 1000), to_timestamp("startedAt" / 1000), to_timestamp("finishedAt" / 1000),
         case when error is not null then jsonb_build_object('message', error) end
       from past
       returning *
     ), tried as (
       insert into pgbeat.attempts (run_id, scheduled_for, attempt, node_id, started_at, finished_at, status, error)
       select id, scheduled_for, attempt, node_id, started_at, finished_at, status, error from written where attempt = 1
     )
     update pgbeat.schedules s set run_count = fired.runs, last_run_at = fired.latest
     from (
       select schedule_id, count(*) as runs, max(scheduled_for) as latest from written group by schedule_id
     ) fired where s.id = fired.schedule_id`,
    [JSON.stringify(runs)],
  )
}

/** What a leader would have written when each minute of the last day was over. */
const minutes = `
  with whole as (
    select minute from generate_series(date_trunc('minute', now()) - interval '1 day',
      date_trunc('minute', now()) - interval '1 minute', interval '1 minute') minute
  ), begun as (
    select date_trunc('minute', coalesce(queued_at, scheduled_for)) as minute,
      count(*) filter (where queued_at is not null) as fired, count(*) filter (where status = 'skipped') as skipped,
      sum(missed_count) filter (where status = 'missed') as missed
    from pgbeat.runs group by 1
  ), finished as (
    select date_trunc('minute', finished_at) as minute, count(*) filter (where status = 'succeeded') as succeeded,
      count(*) filter (where status = 'failed') as failed
    from pgbeat.runs where finished_at is not null group by 1
  ), late as (
    select date_trunc('minute', finished_at) as minute, percentile_cont(0.5) within group (order by seconds) as p50,
      percentile_cont(0.99) within group (order by seconds) as p99, max(seconds) as most, count(*) as runs
    from pgbeat.runs, lateral (select extract(epoch from started_at - scheduled_for)::float8 as seconds) lateness
    where finished_at is not null and origin = 'schedule' group by 1
  )
  insert into pgbeat.minutes (minute, fired, succeeded, failed, cancelled, skipped, missed, lateness_p50_seconds,
    lateness_p99_seconds, lateness_max_seconds, lateness_runs, last_run_id)
  select minute, coalesce(fired, 0), coalesce(succeeded, 0), coalesce(failed, 0), 0, coalesce(skipped, 0),
    coalesce(missed, 0), p50, p99, most, coalesce(runs, 0), (select max(id) from pgbeat.runs)
  from whole left join begun using (minute) left join finished using (minute) left join late using (minute)`
