import type { Pool } from 'pg'
import t from 'tap'
import { createPartitionsAhead } from '../../src/store/partitions.ts'
import { daysBefore, dropDay, retainedSince } from '../../src/store/retention.ts'
import { tidyHistory } from '../../src/tick/history.ts'
import { startProcess } from '../support/process.ts'
import { type System, testSystem } from '../support/system.ts'

const retentionDays = 10

/** A day that is so many days ago, and an instant in the middle of it. */
const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)
const noon = (ago: number) => `${day(ago)}T12:00:00Z`

async function partitionsFor(pool: Pool, first: number, last: number): Promise<void> {
  await pool.query('select pgbeat.create_run_partitions($1, $2)', [day(first), day(last)])
}

/** A run with an attempt and a line of its log; those that are over ended a minute after their instant. */
async function addRun(
  pool: Pool,
  { ago, status = 'succeeded', finishedAgo }: { ago: number; status?: string; finishedAgo?: number },
): Promise<string> {
  const isOver = ['succeeded', 'failed', 'cancelled'].includes(status)
  const finishedAt =
    finishedAgo === undefined ? new Date(Date.parse(noon(ago)) + 60_000).toISOString() : noon(finishedAgo)
  const { rows } = await pool.query<{ id: string }>(
    `with run as (
       insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts,
         finished_at)
       values (gen_random_uuid(), 's', 'echo', '{}', $1, 'schedule', $2, 3, $3) returning *
     ), attempt as (
       insert into pgbeat.attempts (run_id, scheduled_for, attempt, node_id)
       select id, scheduled_for, 1, gen_random_uuid() from run
     ), line as (
       insert into pgbeat.run_logs (run_id, scheduled_for, attempt, line, logged_at, level, message)
       select id, scheduled_for, 1, 1, now(), 'info', 'hello' from run
     )
     select id from run`,
    [noon(ago), status, isOver ? finishedAt : null],
  )
  return rows[0]?.id as string
}

async function kept(pool: Pool): Promise<{ runs: string[]; attempts: string[]; logs: string[] }> {
  const ids = async (text: string) => (await pool.query<{ id: string }>(text)).rows.map(({ id }) => id)
  return {
    runs: await ids('select id from pgbeat.runs order by id'),
    attempts: await ids('select run_id as id from pgbeat.attempts order by 1'),
    logs: await ids('select run_id as id from pgbeat.run_logs order by 1'),
  }
}

async function tidy({ db, events }: System, days = retentionDays): Promise<string[]> {
  const dropped: string[] = []
  const note = (event: { day: string }) => dropped.push(event.day)
  events.on('history:day-dropped', note)
  await tidyHistory({ db, events, retentionDays: days })
  events.off('history:day-dropped', note)
  return dropped
}

t.test('days that are older than runs are kept are dropped, with the attempts and the logs', async (t) => {
  const system = await testSystem(t)
  const { pool } = system
  await partitionsFor(pool, 13, 9)
  for (const ago of [13, 12, 11]) await addRun(pool, { ago })
  const last = await addRun(pool, { ago: 10 })
  t.same(await tidy(system, 0), [], '0 is for ever')
  t.same(await tidy(system), [day(13), day(12), day(11)])
  t.same(await kept(pool), { runs: [last], attempts: [last], logs: [last] })
  t.same(await tidy(system), [], 'and once only')
})

t.test('a day is kept while one of its runs is not over, or ended a short while ago', async (t) => {
  const system = await testSystem(t)
  const { pool } = system
  await partitionsFor(pool, 16, 11)
  const active = ['waiting', 'queued', 'running', 'retrying']
  for (const [index, status] of active.entries()) await addRun(pool, { ago: 16 - index, status })
  await addRun(pool, { ago: 12, finishedAgo: 3 })
  await addRun(pool, { ago: 11 })
  t.same(await tidy(system), [day(11)])
  await pool.query(`update pgbeat.runs set status = 'succeeded', finished_at = now() - interval '11 days'`)
  t.same(await tidy(system), [day(16), day(15), day(14), day(13), day(12)], 'once it is over for as long')
})

t.test('a run that is retried while its day is about to be dropped is not lost', async (t) => {
  const { pool, db } = await testSystem(t)
  await partitionsFor(pool, 12, 12)
  const id = await addRun(pool, { ago: 12, status: 'failed' })
  await pool.query(`insert into pgbeat.tasks (name) values ('echo') on conflict do nothing`)
  const retrying = await pool.connect()
  await retrying.query('begin')
  await retrying.query('select pgbeat.retry($1)', [id])
  const keepSince = await retainedSince(db, retentionDays)
  t.same(await dropDay(db, day(12), keepSince), false, 'the lock is not waited for')
  await retrying.query('commit')
  retrying.release()
  t.same(await dropDay(db, day(12), keepSince), false)
  t.same((await kept(pool)).runs, [id])
})

t.test('who reads for long is not waited for, and two at once do no harm', async (t) => {
  const system = await testSystem(t)
  const { pool, db } = system
  await partitionsFor(pool, 14, 12)
  const reader = await pool.connect()
  await reader.query('begin; select from pgbeat.runs limit 1')
  t.same(await tidy(system), [])
  await reader.query('commit')
  reader.release()
  const keepSince = await retainedSince(db, retentionDays)
  const days = await daysBefore(db, keepSince)
  const dropAll = async () => {
    for (const day of days) await dropDay(db, day, keepSince)
  }
  await Promise.all([dropAll(), dropAll()])
  await tidy(system)
  t.same(await daysBefore(db, keepSince), [])
})

t.test('runs of days without a partition are deleted when their end is as long ago', async (t) => {
  const system = await testSystem(t)
  const { pool } = system
  const keptRuns = [
    await addRun(pool, { ago: 700, finishedAgo: 3 }),
    await addRun(pool, { ago: 700, status: 'running' }),
    await addRun(pool, { ago: 9, status: 'skipped' }),
  ]
  for (const status of ['succeeded', 'failed', 'skipped', 'missed']) await addRun(pool, { ago: 700, status })
  await pool.query(
    `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts,
       finished_at)
     select gen_random_uuid(), 's', 'echo', '{}', $1, 'backfill', 'succeeded', 3, $1 from generate_series(1, 2500)`,
    [noon(700)],
  )
  const deleted: object[] = []
  system.events.on('history:deleted', (event) => deleted.push(event))
  await tidy(system)
  t.same(deleted, [{ runs: 2504, backfills: 0 }])
  t.same(await kept(pool), { runs: keptRuns, attempts: keptRuns, logs: keptRuns })
})

t.test('backfills that are over for as long go with their instants', async (t) => {
  const system = await testSystem(t)
  const { pool } = system
  await pool.query(
    `with added as (
       insert into pgbeat.backfills (schedule_id, schedule_name, starts_at, ends_at, status, finished_at)
       values (gen_random_uuid(), 'old', now(), now(), 'completed', now() - interval '11 days'),
         (gen_random_uuid(), 'young', now(), now(), 'completed', now() - interval '9 days'),
         (gen_random_uuid(), 'open', now(), now(), 'listed', null)
       returning id
     )
     insert into pgbeat.backfill_instants (backfill_id, scheduled_for, chosen) select id, now(), true from added`,
  )
  await tidy(system)
  const { rows } = await pool.query(
    `select b.schedule_name as name from pgbeat.backfills b join pgbeat.backfill_instants i on i.backfill_id = b.id order by 1`,
  )
  t.same(rows, [{ name: 'open' }, { name: 'young' }])
  t.match(await system.row('select count(*)::int as instants from pgbeat.backfill_instants'), { instants: 2 })
})

t.test('no partition is made for a day that would be forgotten', async (t) => {
  const system = await testSystem(t)
  const { pool, db } = system
  await partitionsFor(pool, 20, 20)
  await pool.query(`do $$ declare part text; begin
    for part in select inhrelid::regclass from pg_inherits where inhparent = any('{pgbeat.runs,pgbeat.attempts,pgbeat.run_logs}'::regclass[])
      and inhrelid::regclass::text ~ '[0-9]$'
      and inhrelid::regclass::text !~ to_char(now() at time zone 'UTC' - interval '20 days', 'YYYYMMDD') loop
      execute 'drop table ' || part;
    end loop; end $$`)
  await createPartitionsAhead(db, 2)
  const { rows } = await pool.query(
    `select min(relname) as first from pg_class where relname ~ '^runs_[0-9]{8}$' and relname > 'runs_' || $1`,
    [day(20).replaceAll('-', '')],
  )
  t.same(rows, [{ first: `runs_${day(2).replaceAll('-', '')}` }])
  t.same(await tidy(system, 2), [day(20)])
})

t.test('a tick drops what is older than its variable says, and tells so', async (t) => {
  const { pool, connectionString } = await testSystem(t)
  await partitionsFor(pool, 12, 10)
  const last = await addRun(pool, { ago: 10 })
  await addRun(pool, { ago: 11 })
  const tick = startProcess(t, 'tick', connectionString, { PGBEAT_RETENTION_DAYS: '10' })
  t.match(await tick.logged('dropped a day of runs', (line) => line.day === day(11)), { level: 30 })
  t.same((await kept(pool)).runs, [last])
  t.equal(await tick.stop(), 0)
})
