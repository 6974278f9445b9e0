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
    ['run_at', { run_at: 'infinity' }],
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
    ['timeout', { ...cron, timeout: '0 s' }],
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
  ]
  for (const columns of right) t.equal(await refusal(columns), null, JSON.stringify(columns))
})

t.test('every zone that Node knows is known', async (t) => {
  const zones = Intl.supportedValuesOf('timeZone')
  const { rows } = await pool.query('select zone from unnest($1::text[]) zone where not pgbeat.is_time_zone(zone)', [
    [...zones, 'UTC', 'GMT', 'Japan', 'EST5EDT', 'Etc/GMT-14', 'US/Eastern'],
  ])
  t.same(rows, [])
})
