import t from 'tap'
import { simulation } from '../support/simulation.ts'

const noon = '2026-03-01T12:00:00Z'

/** An hourly schedule, and nothing that fires it from noon until a quarter past nine in the evening. */
async function afterDowntime(t: Parameters<typeof simulation>[0], columns: string, values: string) {
  const simulated = await simulation(t, noon)
  const { sql, clock, scheduler } = simulated
  await sql(`insert into pgbeat.schedules (name, task_name, cron_expression, overlap_policy, ${columns})
    values ('hourly', 'echo', '0 * * * *', 'skip', ${values})`)
  await scheduler.runDue()
  await clock.set('2026-03-01T21:15:00Z')
  await scheduler.runDue()
  return simulated
}

t.test('latest: the most recent missed instant runs, one row covers and counts the others', async (t) => {
  const { ledger } = await afterDowntime(t, 'catch_up', `'latest'`)
  t.same(await ledger(), [
    '01 12:00 succeeded',
    '01 13:00 to 01 20:00 missed catch_up_latest 8',
    '01 21:00 catch_up succeeded',
  ])
})

t.test('none: nothing of it runs', async (t) => {
  const { ledger } = await afterDowntime(t, 'catch_up', `'none'`)
  t.same(await ledger(), ['01 12:00 succeeded', '01 13:00 to 01 21:00 missed catch_up_none 9'])
})

t.test('all: each of them runs', async (t) => {
  const { ledger } = await afterDowntime(t, 'catch_up', `'all'`)
  const hours = [13, 14, 15, 16, 17, 18, 19, 20, 21]
  t.same(await ledger(), ['01 12:00 succeeded', ...hours.map((hour) => `01 ${hour}:00 catch_up succeeded`)])
})

t.test('catch_up_window: what is older does not run', async (t) => {
  const all = await afterDowntime(t, 'catch_up, catch_up_window', `'all', '2 hours'`)
  t.same(await all.ledger(), [
    '01 12:00 succeeded',
    '01 13:00 to 01 19:00 missed outside_window 7',
    '01 20:00 catch_up succeeded',
    '01 21:00 catch_up succeeded',
  ])
  const latest = await afterDowntime(t, 'catch_up, catch_up_window', `'latest', '10 minutes'`)
  t.same(await latest.ledger(), ['01 12:00 succeeded', '01 13:00 to 01 21:00 missed outside_window 9'])
})

t.test('an instant that is at most a minute late is on time', async (t) => {
  const { sql, clock, scheduler, ledger } = await simulation(t, noon)
  await sql(`insert into pgbeat.schedules (task_name, cron_expression, catch_up) values ('echo', '0 * * * *', 'none')`)
  await scheduler.runDue()
  await clock.set('2026-03-01T13:01:00Z')
  await scheduler.runDue()
  t.same(await ledger(), ['01 12:00 succeeded', '01 13:00 succeeded'])
})

t.test('a suspended machine is downtime like any other', async (t) => {
  const { sql, clock, scheduler, ledger } = await simulation(t, noon)
  await sql(`insert into pgbeat.schedules (task_name, cron_expression) values ('echo', '0 * * * *')`)
  await scheduler.runUntil('2026-03-01T14:30:00Z')
  await clock.set('2026-03-03T08:30:00Z')
  await scheduler.runUntil('2026-03-03T09:30:00Z')
  t.same((await ledger()).slice(2), [
    '01 14:00 succeeded',
    '01 15:00 to 03 07:00 missed catch_up_latest 41',
    '03 08:00 catch_up succeeded',
    '03 09:00 succeeded',
  ])
})

t.test('86,400 missed instants are one row that counts them', async (t) => {
  const { sql, clock, scheduler } = await simulation(t, '2026-03-01T00:00:00.500Z')
  await sql(`insert into pgbeat.schedules (name, task_name, cron_expression) values ('x', 'echo', '* * * * * *')`)
  await scheduler.runDue()
  await clock.set('2026-03-02T00:01:30Z')
  await scheduler.fireDue()
  t.same(
    await sql(
      `select missed_since, scheduled_for, missed_count from pgbeat.runs where status = 'missed' and schedule_name = 'x'`,
    ),
    [
      {
        missed_since: new Date('2026-03-01T00:00:01Z'),
        scheduled_for: new Date('2026-03-02T00:00:29Z'),
        missed_count: 86_429,
      },
    ],
  )
  const others = `select status, count(*)::int from pgbeat.runs where status <> 'missed' group by status order by status`
  t.same(await sql(others), [
    { status: 'queued', count: 1 },
    { status: 'skipped', count: 60 },
  ])
})
