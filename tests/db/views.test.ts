import t from 'tap'
import { overPool } from '../../src/store/database.ts'
import { createPartitionsAhead } from '../../src/store/partitions.ts'
import { testDatabase } from '../support/database.ts'

const run = `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, max_attempts, origin, scheduled_for, status,
  reason, queued_at, started_at, finished_at) select id, name, task_name, payload, 1`

t.test('upcoming has the next instant, and those after it where arithmetic knows them', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(`
    select pgbeat.schedule('cron', 'echo', '30 9 * * *', timezone => 'Asia/Kathmandu');
    select pgbeat.schedule('every', 'echo', every => '90 minutes');
    select pgbeat.schedule('every until', 'echo', every => '1 day', ends_at => '2030-01-03T00:00Z', timezone => 'America/New_York');
    select pgbeat.schedule('every twice more', 'echo', every => '1 hour', max_runs => 2);
    select pgbeat.schedule('last', 'echo', '30 9 * * *', max_runs => 1);
    select pgbeat.schedule('once', 'echo', run_at => '2030-01-01T00:00Z');
    select pgbeat.schedule('paused', 'echo', '30 9 * * *', enabled => false);
    select pgbeat.schedule('invalid', 'echo', '30 9 * * *');
    select pgbeat.schedule('finished', 'echo', '30 9 * * *');
    select pgbeat.schedule('unplanned', 'echo', '30 9 * * *');
    update pgbeat.schedules set next_run_at = '2030-01-01T00:00Z' where enabled and name <> 'unplanned';
    update pgbeat.schedules set next_run_at = 'infinity' where name = 'finished';
    update pgbeat.schedules set next_run_at = null, error = 'oh' where name = 'invalid'`)
  const { rows } = await pool
    .query(`
    set timezone to 'UTC';
    select schedule_name, local_time::text, seconds_until > 0 as is_ahead, following::text
    from pgbeat.upcoming order by schedule_name collate "C"`)
    .then((results) => (results as unknown as { rows: unknown[] }[])[1] ?? { rows: [] })
  const next = (schedule_name: string, following: string | null, local_time = '2030-01-01 00:00:00') => ({
    schedule_name,
    local_time,
    is_ahead: true,
    following,
  })
  t.same(rows, [
    next('cron', null, '2030-01-01 05:45:00'),
    next(
      'every',
      '{"2030-01-01 01:30:00+00","2030-01-01 03:00:00+00","2030-01-01 04:30:00+00","2030-01-01 06:00:00+00"}',
    ),
    next('every twice more', '{"2030-01-01 01:00:00+00"}'),
    next('every until', '{"2030-01-02 00:00:00+00","2030-01-03 00:00:00+00"}', '2029-12-31 19:00:00'),
    next('last', '{}'),
    next('once', '{}'),
  ])
})

t.test('schedule_status says how a schedule is getting on', async (t) => {
  const { pool } = await testDatabase(t)
  const status = async (name: string) =>
    (await pool.query('select * from pgbeat.schedule_status where schedule_name = $1', [name])).rows[0]
  await pool.query(`
    select pgbeat.schedule(name, 'echo', '30 9 * * *')
    from unnest(array['new', 'paused', 'invalid', 'finished', 'failing', 'skipped', 'never']) name;
    update pgbeat.schedules set next_run_at = '2030-01-01T00:00Z' where name in ('new', 'failing');
    update pgbeat.schedules set next_run_at = 'infinity' where name = 'finished';
    update pgbeat.schedules set error = 'oh' where name = 'invalid';
    select pgbeat.pause('paused', 'holiday')`)
  t.match(await status('new'), {
    state: 'enabled',
    note: null,
    next_run_at: new Date('2030-01-01T00:00Z'),
    active_runs: '0',
    last_run_id: null,
    last_success_at: null,
    consecutive_failures: '0',
  })
  t.match(await status('paused'), { state: 'paused', note: 'holiday', next_run_at: null })
  t.match(await status('invalid'), { state: 'invalid', note: 'oh' })
  t.match(await status('finished'), { state: 'finished', next_run_at: null })

  const past = (minutes: number) => `timestamptz '2026-01-01T12:00Z' - interval '${minutes} minutes'`
  const add = (name: string, minutes: number, status: string, reason = 'null') =>
    pool.query(
      `${run}, 'schedule', ${past(minutes)}, '${status}', ${reason}, ${past(minutes)}, ${past(minutes)}, ${past(minutes - 1)}
       from pgbeat.schedules where name = '${name}'`,
    )
  for (const [minutes, outcome] of [
    [60, 'failed'],
    [50, 'succeeded'],
    [40, 'failed'],
    [30, 'skipped'],
    [20, 'failed'],
  ] as const) {
    await add('failing', minutes, outcome)
  }
  await add('failing', 10, 'running')
  await add('failing', 9, 'waiting')
  t.match(await status('failing'), {
    state: 'enabled',
    active_runs: '2',
    last_status: 'waiting',
    last_scheduled_for: new Date('2026-01-01T11:51Z'),
    last_success_at: new Date('2026-01-01T11:11Z'),
    consecutive_failures: '2',
  })
  await add('skipped', 5, 'skipped', `'overlap'`)
  t.match(await status('skipped'), { last_status: 'skipped', last_reason: 'overlap', consecutive_failures: '0' })
  for (let minutes = 1; minutes <= 3; minutes += 1) await add('never', minutes, 'failed')
  t.match(await status('never'), { last_success_at: null, consecutive_failures: '3' })
})

t.test('lateness is the fire delay and the queue delay, by the hour', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(`select pgbeat.schedule('a', 'echo', '30 9 * * *'), pgbeat.schedule('b', 'echo', '30 9 * * *')`)
  await pool.query(`
    ${run}, 'schedule', at, 'succeeded', null, at + interval '1 second' * n, at + interval '3 seconds' * n, now()
    from pgbeat.schedules, generate_series(1, 3) n,
      lateral (select date_trunc('hour', now(), 'UTC') - interval '2 hours' + interval '1 minute' * n as at) instant
    where name = 'a'`)
  await pool.query(
    `${run}, 'manual', now(), 'succeeded', null, now(), now(), now() from pgbeat.schedules where name = 'a'`,
  )
  await pool.query(`${run}, 'schedule', now() - interval '25 hours', 'succeeded', null, now(), now(), now()
    from pgbeat.schedules where name = 'b'`)
  const { rows } = await pool.query('select * from pgbeat.lateness')
  t.equal(rows.length, 1)
  t.match(rows[0], {
    schedule_name: 'a',
    runs: '3',
    lateness_p50_seconds: 6,
    lateness_max_seconds: 9,
    fire_delay_p50_seconds: 2,
    fire_delay_max_seconds: 3,
    queue_delay_p50_seconds: 4,
    queue_delay_max_seconds: 6,
  })
})

t.test('one of many schedules, or the next ones, are found without reading all', async (t) => {
  const { pool } = await testDatabase(t)
  await createPartitionsAhead(overPool(pool))
  await pool.query(`
    begin;
    set local session_replication_role = replica;
    insert into pgbeat.schedules (name, task_name, cron_expression, next_run_at)
    select 's-' || i, 'echo', '0 0 1 1 *', timestamptz '2030-01-01' + i * interval '1 s' from generate_series(1, 20000) i;
    ${run}, 'schedule', now() - interval '1 hour', 'succeeded', null, now(), now(), now() from pgbeat.schedules;
    commit`)
  await pool.query('vacuum analyze pgbeat.schedules, pgbeat.runs')
  const questions = [
    `select * from pgbeat.schedule_status where schedule_name = 's-7'`,
    `select * from pgbeat.schedule_status where schedule_id = (select id from pgbeat.schedules where name = 's-7')`,
    'select * from pgbeat.schedule_status order by schedule_name limit 50',
    `select * from pgbeat.lateness where schedule_name = 's-7'`,
    `select * from pgbeat.upcoming where schedule_name = 's-7'`,
    'select * from pgbeat.upcoming order by next_run_at limit 20',
  ]
  for (const question of questions) {
    const { rows } = await pool.query(`explain (analyze, timing off, format json) ${question}`)
    const [{ Plan: plan }] = rows[0]['QUERY PLAN']
    t.same(mostRowsRead(plan) < 1_000 && mostRowsRead(plan), mostRowsRead(plan), question)
    t.ok(plan['Actual Rows'] > 0, question)
  }
})

t.test('lateness looks into no partition of an earlier day', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(`select pgbeat.create_run_partitions(current_date - 20, current_date + 1)`)
  await pool.query(`select pgbeat.schedule('a', 'echo', '30 9 * * *')`)
  const { rows } = await pool.query(
    `explain (analyze, format json) select * from pgbeat.lateness where schedule_name = 'a'`,
  )
  t.match(JSON.stringify(rows), /"Subplans Removed":(19|20)/)
})

interface Plan {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Plan[]
}

/** Of the steps of a plan, how many rows the largest looked at. */
function mostRowsRead(plan: Plan): number {
  const own = (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops']
  return Math.max(own, ...(plan.Plans ?? []).map(mostRowsRead))
}
