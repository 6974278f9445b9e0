import t from 'tap'
import { z } from 'zod'
import { RetryLaterError } from '../src/errors.ts'
import { prepareDatabase } from '../src/prepare-database.ts'
import { requireMigrated } from '../src/store/migrate.ts'
import { defineTask } from '../src/task.ts'
import { settableClock } from '../src/testing.ts'
import { simulation } from './support/simulation.ts'

t.setTimeout(120_000)

const minute = 60_000

t.test('a year of schedules takes seconds', async (t) => {
  const { sql, scheduler } = await simulation(t, '2025-01-01T00:00:00Z')
  await sql(`
    insert into pgbeat.schedules (name, task_name, cron_expression, timezone) values
      ('in the gap', 'echo', '30 2 * * *', 'America/New_York'),
      ('in the overlap', 'echo', '30 1 * * *', 'America/New_York'),
      ('follows the clock', 'echo', '15 1,2 * * *', 'America/New_York'),
      ('workdays', 'echo', '30 9 * * 1-5', 'Asia/Tokyo'),
      ('month ends', 'echo', '0 18 L * *', 'Europe/London')`)
  const startedAt = performance.now()
  await scheduler.runUntil('2025-12-31T23:59:59Z')
  const tookMs = performance.now() - startedAt
  t.same(
    await sql(`
      select schedule_name, count(*)::int, count(*) filter (where clock_change = 'moved')::int as moved,
        count(*) filter (where clock_change = 'merged')::int as merged,
        count(*) filter (where clock_change = 'doubled')::int as doubled
      from pgbeat.runs where status = 'succeeded' group by 1 order by 1`),
    [
      { schedule_name: 'follows the clock', count: 365 * 2 - 1 + 1, moved: 0, merged: 0, doubled: 2 },
      { schedule_name: 'in the gap', count: 365, moved: 1, merged: 0, doubled: 0 },
      { schedule_name: 'in the overlap', count: 365, moved: 0, merged: 1, doubled: 0 },
      { schedule_name: 'month ends', count: 12, moved: 0, merged: 0, doubled: 0 },
      { schedule_name: 'workdays', count: 261, moved: 0, merged: 0, doubled: 0 },
    ],
  )
  t.comment(`${(tookMs / 1_000).toFixed(1)} s`)
  t.ok(tookMs < 60_000, `it took ${tookMs.toFixed(0)} ms`)
})

t.test('what runs and what is written goes by the clock', async (t) => {
  const { sql, clock, scheduler } = await simulation(t, '2031-05-05T11:59:00Z')
  await sql(`insert into pgbeat.schedules (name, task_name, cron_expression) values ('x', 'echo', '0 12 * * *')`)
  await clock.advance(minute)
  await scheduler.runDue()
  const noon = new Date('2031-05-05T12:00:00Z')
  t.same(await sql('select scheduled_for, queued_at, started_at, finished_at from pgbeat.runs'), [
    { scheduled_for: noon, queued_at: noon, started_at: noon, finished_at: noon },
  ])
  t.same(await sql('select created_at, last_run_at from pgbeat.schedules'), [
    { created_at: new Date('2031-05-05T11:59:00Z'), last_run_at: noon },
  ])
})

t.test('attempts come when they are due, and a task can take its time', async (t) => {
  let clock: { advance(ms: number): Promise<void> } | undefined
  const flaky = defineTask({
    name: 'echo',
    description: '',
    payload: z.unknown(),
    run: async ({ run }) => {
      await clock?.advance(minute)
      if (run.attempt < 3) throw new RetryLaterError('busy', 'in an hour', 60 * minute)
    },
  })
  const simulated = await simulation(t, '2025-06-01T00:00:00Z', { tasks: [flaky] })
  clock = simulated.clock
  const { sql, scheduler } = simulated
  await sql(`insert into pgbeat.schedules (task_name, run_at) values ('echo', '2025-06-01T06:00Z')`)
  await scheduler.runUntil('2025-06-02T00:00:00Z')
  t.same(
    await sql(`select to_char(started_at at time zone 'UTC', 'HH24:MI') as at, status from pgbeat.attempts order by 1`),
    [
      { at: '06:00', status: 'failed' },
      { at: '07:01', status: 'failed' },
      { at: '08:02', status: 'succeeded' },
    ],
  )
})

t.test('a task that takes longer than its interval does not run on for ever', async (t) => {
  let clock: { advance(ms: number): Promise<void> } | undefined
  const slow = defineTask({
    name: 'slow',
    description: '',
    payload: z.unknown(),
    run: async () => clock?.advance(2.5 * minute),
  })
  const simulated = await simulation(t, '2025-06-01T00:00:00Z', { tasks: [slow] })
  clock = simulated.clock
  const { sql, scheduler } = simulated
  await sql(`insert into pgbeat.schedules (task_name, cron_expression) values ('slow', '* * * * *')`)
  await scheduler.runUntil('2025-06-01T00:30:00Z')
  t.ok(simulated.clock.now() < new Date('2025-06-01T00:36:00Z'))
})

t.test('firing and executing can be done apart', async (t) => {
  const { sql, scheduler, ledger } = await simulation(t, '2025-06-01T12:00:00Z')
  await sql(`insert into pgbeat.schedules (task_name, run_at) values ('echo', '2025-06-01T12:00Z')`)
  t.equal(await scheduler.fireDue(), 1)
  t.same(await ledger(), ['01 12:00 queued'])
  t.equal(await scheduler.executeDue(), 1)
  t.equal(await scheduler.executeDue(), 0)
  t.same(await ledger(), ['01 12:00 succeeded'])
})

t.test('after it the database goes by its own clock again, and nothing is left in the queue', async (t) => {
  const { sql, scheduler, connectionString } = await simulation(t, '2025-06-01T12:00:00Z')
  await sql(`insert into pgbeat.schedules (task_name, run_at) values ('echo', '2025-06-01T12:00Z')`)
  await scheduler.runDue()
  await scheduler.close()
  const again = await settableClock({ connectionString, at: 0 })
  t.same(await sql('select pgbeat.clock() as now'), [{ now: new Date(0) }], 'a second one takes over')
  await again.restore()
  t.same(await sql(`select proname, prosrc from pg_proc where proname in ('clock', 'transaction_clock') order by 1`), [
    { proname: 'clock', prosrc: ' select clock_timestamp() ' },
    { proname: 'transaction_clock', prosrc: ' select now() ' },
  ])
  t.same(await sql('select count(*)::int as jobs from graphile_worker.jobs'), [{ jobs: 0 }])
})

t.test('nothing real starts on a database whose clock is stopped, and migrate starts it again', async (t) => {
  const { clock, connectionString, sql } = await simulation(t, '2025-06-01T12:00:00Z')
  await t.rejects(requireMigrated(connectionString), { message: /stopped the database's clock/ })
  await prepareDatabase(connectionString)
  await t.resolves(requireMigrated(connectionString))
  const [{ isReal }] = await sql(`select pgbeat.clock() > '2026-01-01' as "isReal"`)
  t.ok(isReal)
  await clock.restore()
})

t.test('what is no instant is refused', async (t) => {
  const { clock, scheduler } = await simulation(t, '2025-06-01T12:00:00Z')
  await t.rejects(clock.set('yesterday'), RangeError)
  await t.rejects(clock.set('2025-06-01T12:00:00'), RangeError, "it would be one in the machine's own zone")
  await t.rejects(scheduler.runUntil(Number.NaN), RangeError)
  await t.rejects(clock.advance(-1), RangeError)
})
