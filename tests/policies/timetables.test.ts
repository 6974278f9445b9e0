import t from 'tap'
import { simulation } from '../support/simulation.ts'

const noon = '2026-03-01T12:00:00Z'

async function run(t: Parameters<typeof simulation>[0], columns: string, values: string, until: string, from = noon) {
  const simulated = await simulation(t, from)
  await simulated.sql(`insert into pgbeat.schedules (name, task_name, ${columns}) values ('x', 'echo', ${values})`)
  await simulated.scheduler.runUntil(until)
  return simulated
}

t.test('every: counted from its anchor, which neither restarts nor edits of other columns move', async (t) => {
  const { sql, clock, scheduler, ledger } = await run(t, 'every', `'25 minutes'`, '2026-03-01T12:50:00Z')
  await clock.set('2026-03-01T13:01:00Z')
  await sql(`update pgbeat.schedules set description = 'edited', catch_up = 'none'`)
  await scheduler.runUntil('2026-03-01T13:45:00Z')
  t.same(await ledger(), ['01 12:25 succeeded', '01 12:50 succeeded', '01 13:15 succeeded', '01 13:40 succeeded'])
})

t.test('every: down to a second', async (t) => {
  const { sql } = await run(t, 'every, starts_at', `'1 second', '2026-03-01T12:00:00Z'`, '2026-03-01T12:00:10Z')
  t.same(await sql(`select count(*)::int from pgbeat.runs where status = 'succeeded'`), [{ count: 11 }])
})

t.test('run_at: once, and then the schedule is finished and kept', async (t) => {
  const { sql, ledger } = await run(t, 'run_at', `'2026-03-01T13:00Z'`, '2026-03-05T00:00:00Z')
  t.same(await ledger(), ['01 13:00 succeeded'])
  t.same(await sql('select next_run_at::text, enabled from pgbeat.schedules'), [
    { next_run_at: 'infinity', enabled: true },
  ])
})

t.test('starts_at and ends_at are inclusive', async (t) => {
  const { ledger } = await run(
    t,
    'cron_expression, starts_at, ends_at',
    `'0 * * * *', '2026-03-01T13:00Z', '2026-03-01T15:00Z'`,
    '2026-03-02T00:00:00Z',
  )
  t.same(await ledger(), ['01 13:00 succeeded', '01 14:00 succeeded', '01 15:00 succeeded'])
})

t.test('max_runs: so often and no more', async (t) => {
  const { sql, ledger } = await run(t, 'cron_expression, max_runs', `'0 * * * *', 2`, '2026-03-02T00:00:00Z')
  t.same(await ledger(), ['01 12:00 succeeded', '01 13:00 succeeded'])
  t.same(await sql('select run_count::int, next_run_at::text from pgbeat.schedules'), [
    { run_count: 2, next_run_at: 'infinity' },
  ])
})

t.test('jitter: starts later, the same for the same instant, never past the next one', async (t) => {
  const { sql } = await run(t, 'cron_expression, jitter', `'0 * * * *', '2 hours'`, '2026-03-02T12:00:00Z')
  const rows = await sql(`
    select scheduled_for, extract(epoch from started_at - scheduled_for)::float8 as late from pgbeat.runs
    where status = 'succeeded'`)
  t.equal(rows.length, 24)
  t.ok(rows.every(({ late }) => late >= 0 && late < 3_600))
  t.ok(new Set(rows.map(({ late }) => late)).size > 20)
})

t.test('a fixed local time that a clock change skips fires once after the gap, and the run says so', async (t) => {
  const { ledger } = await run(
    t,
    'cron_expression, timezone',
    `'30 2 * * *', 'America/New_York'`,
    '2025-03-10T12:00:00Z',
    '2025-03-08T12:00:00Z',
  )
  t.same(await ledger(), ['09 07:00 succeeded moved', '10 06:30 succeeded'])
})

t.test('one that is repeated fires once, at the first of the two; what follows the clock fires at both', async (t) => {
  const { sql, scheduler, ledger } = await simulation(t, '2025-11-02T04:40:00Z')
  await sql(`insert into pgbeat.schedules (task_name, cron_expression, timezone) values
    ('echo', '30 1 * * *', 'America/New_York'), ('echo', '15 * * * *', 'America/New_York')`)
  await scheduler.runUntil('2025-11-02T07:40:00Z')
  t.same(await ledger(), [
    '02 05:15 succeeded doubled',
    '02 05:30 succeeded merged',
    '02 06:15 succeeded doubled',
    '02 07:15 succeeded',
  ])
})
