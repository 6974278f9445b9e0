import type pg from 'pg'
import t from 'tap'
import { testDatabase } from '../support/database.ts'

const { pool } = await testDatabase(t)

async function refusal(columns: Record<string, unknown>): Promise<pg.DatabaseError | null> {
  const row = { task_name: 'echo', ...columns }
  const names = Object.keys(row)
  try {
    await pool.query(
      `insert into pgbeat.schedules (${names}) values (${names.map((_, index) => `$${index + 1}`)})`,
      Object.values(row),
    )
    return null
  } catch (error) {
    return error as pg.DatabaseError
  }
}

t.test('bad input fails at the INSERT, with the column and a hint', async (t) => {
  const cron = { cron_expression: '0 9 * * *' }
  const wrong: [string, Record<string, unknown>][] = [
    ['task_name', { ...cron, task_name: 'nobody' }],
    ['cron_expression', {}],
    ['every', { ...cron, every: '1 hour' }],
    ['run_at', { ...cron, run_at: new Date() }],
    ['cron_expression', { cron_expression: '99 99 * * *' }],
    ['cron_expression', { cron_expression: '' }],
    ['every', { every: '0.5 seconds' }],
    ['every', { every: '-1 hour' }],
    ['every', { every: '1 month' }],
    ['every', { every: '1 year 1 day' }],
    ['every', { every: '1.0005 seconds' }],
    ['every', { every: '5000000 days' }],
    ['run_at', { run_at: 'infinity' }],
    ['run_at', { run_at: '9999-12-31T23:59:59-05:00' }],
    ['run_at', { run_at: '0044-03-15 BC' }],
    ['starts_at', { ...cron, starts_at: '-infinity' }],
    ['starts_at', { every: '1 minute', starts_at: '290000-01-01' }],
    ['ends_at', { ...cron, ends_at: 'infinity' }],
    ['jitter', { ...cron, jitter: '2000000000 days' }],
    ['timezone', { ...cron, timezone: 'posix/UTC' }],
    ['timezone', { ...cron, timezone: '<+03>-3' }],
    ['timezone', { ...cron, timezone: 'Mars/Phobos' }],
    ['timezone', { ...cron, timezone: 'FOO+3' }],
    ['timezone', { ...cron, timezone: '' }],
    ['ends_at', { ...cron, starts_at: '2030-01-02', ends_at: '2030-01-01' }],
    ['max_runs', { ...cron, max_runs: 0 }],
    ['jitter', { ...cron, jitter: '-1 s' }],
    ['overlap_policy', { ...cron, overlap_policy: 'maybe' }],
    ['catch_up', { ...cron, catch_up: 'some' }],
    ['catch_up_window', { ...cron, catch_up_window: '-1 s' }],
    ['queue_name', { ...cron, queue_name: '' }],
    ['queue_name', { ...cron, queue_name: 'q'.repeat(129) }],
    ['max_attempts', { ...cron, max_attempts: 0 }],
    ['retry_delay', { ...cron, retry_delay: '0 s' }],
    ['retry_delay', { ...cron, retry_delay: '-1 s' }],
    ['retry_delay', { ...cron, retry_delay: '24:00:00.000001' }],
    ['retry_delay', { ...cron, retry_delay: '1 month' }],
    ['retry_delay', { ...cron, retry_delay: '1 month -29 days' }],
    ['retry_delay', { ...cron, retry_delay: '5000000 days' }],
    ['timeout', { ...cron, timeout: '0 s' }],
    ['description', { ...cron, description: 'd'.repeat(10_001) }],
    ['category', { ...cron, category: 'c'.repeat(12_000) }],
    ['tags', { ...cron, tags: Array(101).fill('t') }],
    ['tags', { ...cron, tags: ['t', ''] }],
    ['tags', { ...cron, tags: ['t', null] }],
    ['tags', { ...cron, tags: ['t'.repeat(201)] }],
    ['pause_note', { ...cron, enabled: false, pause_note: 'p'.repeat(10_001) }],
    ['name', { ...cron, name: '' }],
    ['name', { ...cron, name: ' around ' }],
    ['name', { ...cron, name: 'n'.repeat(201) }],
    ['name', { ...cron, name: '6f1c1f8e-1111-4222-8333-444455556666' }],
  ]
  for (const [column, columns] of wrong) {
    const error = await refusal(columns)
    t.match(error, { code: '22023', column, hint: /\w/ }, JSON.stringify(columns))
  }
})

t.test('what is right is let in', async (t) => {
  const right: Record<string, unknown>[] = [
    { name: 'a', cron_expression: '0 9 * * *' },
    { name: '毎朝の取得', cron_expression: '*/10 * * * * *', timezone: 'Asia/Tokyo' },
    { cron_expression: '@daily', timezone: 'america/new_york' },
    { cron_expression: '0 0 * * 5L', timezone: 'Etc/GMT+5' },
    { every: '1 second' },
    { every: '36 hours', starts_at: '2030-01-01', ends_at: '2030-01-01' },
    { run_at: '2020-01-01' },
    { every: '1 hour', retry_delay: '0.5 s' },
    { every: '1 hour', retry_delay: '1 day' },
    {
      every: '1 hour',
      description: '次'.repeat(10_000),
      category: '次'.repeat(200),
      tags: Array(100).fill('次'.repeat(200)),
    },
    { every: '1 hour', enabled: false, pause_note: '次'.repeat(10_000), category: '', tags: [] },
  ]
  for (const columns of right) t.equal(await refusal(columns), null, JSON.stringify(columns))
})

t.test('names that are left out differ as the ids do, however many begin alike', async (t) => {
  const { rows } = await pool.query(
    `insert into pgbeat.schedules (id, task_name, cron_expression)
     select ('2007e083-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'echo', '0 9 * * *' from generate_series(1, 3) n
     returning id, name`,
  )
  t.strictSame(
    rows.map(({ name }) => name),
    rows.map(({ id }) => `echo-${id}`),
  )
})

t.test('every zone that Node knows is known', async (t) => {
  const zones = Intl.supportedValuesOf('timeZone')
  const { rows } = await pool.query('select zone from unnest($1::text[]) zone where not pgbeat.is_time_zone(zone)', [
    [...zones, 'UTC', 'GMT', 'Japan', 'EST5EDT', 'Etc/GMT-14', 'US/Eastern'],
  ])
  t.same(rows, [])
})

t.test('what has become wrong meanwhile can still be paused, renamed and mended', async (t) => {
  await pool.query(`
    alter table pgbeat.schedules disable trigger before_write;
    insert into pgbeat.schedules (name, task_name, cron_expression) values ('over', 'gone', '0 0 0 1 1 * 2020');
    alter table pgbeat.schedules enable trigger before_write`)
  await t.resolves(pool.query(`update pgbeat.schedules set enabled = false where name = 'over'`))
  await t.resolves(pool.query(`update pgbeat.schedules set name = 'renamed', tags = '{x}' where name = 'over'`))
  await t.rejects(pool.query(`update pgbeat.schedules set task_name = 'nobody' where name = 'renamed'`), {
    message: /nobody/,
  })
  await t.resolves(pool.query(`update pgbeat.schedules set cron_expression = '@daily' where name = 'renamed'`))
})
