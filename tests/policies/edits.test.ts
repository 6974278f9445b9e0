import t from 'tap'
import { simulation } from '../support/simulation.ts'

/** An hourly schedule that has fired at noon; it is half past now. */
async function hourly(t: Parameters<typeof simulation>[0]) {
  const simulated = await simulation(t, '2026-03-01T12:00:00Z')
  await simulated.sql(
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ('x', 'echo', '0 * * * *')`,
  )
  await simulated.scheduler.runDue()
  await simulated.clock.set('2026-03-01T12:30:00Z')
  return simulated
}

const whatIsNext = 'select next_run_at, revision from pgbeat.schedules'

t.test('words, tags, policies and the payload move nothing', async (t) => {
  const { sql } = await hourly(t)
  for (const edit of [
    `description = 'words'`,
    `tags = '{a,b}', category = 'c'`,
    `payload = '{"n": 1}'`,
    `overlap_policy = 'allow', catch_up = 'all', priority = 3, timeout = '1 hour', max_attempts = 9, retry_delay = '1 minute'`,
  ]) {
    await sql(`update pgbeat.schedules set ${edit}`)
    t.match(await sql(whatIsNext), [{ next_run_at: new Date('2026-03-01T13:00:00Z') }], edit)
  }
})

t.test('applying an unchanged schedule again changes nothing, not even the revision', async (t) => {
  const { sql } = await hourly(t)
  const before = await sql('select * from pgbeat.schedules')
  await sql(`insert into pgbeat.schedules (name, task_name, cron_expression) values ('x', 'echo', '0 * * * *')
    on conflict (name) do update set task_name = excluded.task_name, cron_expression = excluded.cron_expression`)
  t.same(await sql('select * from pgbeat.schedules'), before)
  t.same(await sql('select count(*)::int as events from pgbeat.schedule_events'), [{ events: 1 }])
})

t.test(
  'another timetable holds from the edit on; what was due under the old one and had not fired is missed',
  async (t) => {
    const { sql, clock, scheduler, ledger } = await hourly(t)
    await clock.set('2026-03-01T15:10:00Z')
    await sql(`update pgbeat.schedules set cron_expression = '15 * * * *'`)
    await scheduler.runUntil('2026-03-01T16:20:00Z')
    t.same(await ledger(), [
      '01 12:00 succeeded',
      '01 13:00 to 01 15:00 missed edited 3',
      '01 15:15 succeeded',
      '01 16:15 succeeded',
    ])
  },
)

t.test('an end that is put before what is due leaves it missed', async (t) => {
  const { sql, clock, scheduler, ledger } = await hourly(t)
  await clock.set('2026-03-01T15:10:00Z')
  await sql(`update pgbeat.schedules set ends_at = '2026-03-01T13:30Z'`)
  await scheduler.runUntil('2026-03-01T16:20:00Z')
  t.same(await ledger(), ['01 12:00 succeeded', '01 13:00 catch_up succeeded', '01 14:00 to 01 15:00 missed edited 2'])
})

t.test('a finished schedule that is prolonged goes on from now', async (t) => {
  const { sql, clock, scheduler, ledger } = await hourly(t)
  await sql(`update pgbeat.schedules set ends_at = '2026-03-01T13:30Z'`)
  await scheduler.runUntil('2026-03-01T14:00:00Z')
  await clock.set('2026-03-02T12:30:00Z')
  await sql('update pgbeat.schedules set ends_at = null')
  await scheduler.runUntil('2026-03-02T13:00:00Z')
  t.same(await ledger(), ['01 12:00 succeeded', '01 13:00 succeeded', '02 13:00 succeeded'])
})

t.test('a paused schedule that gets another timetable is accounted for under each of them', async (t) => {
  const { sql, clock, scheduler, ledger } = await hourly(t)
  await sql('update pgbeat.schedules set enabled = false')
  await clock.set('2026-03-01T15:10:00Z')
  await sql(`update pgbeat.schedules set cron_expression = '*/30 * * * *'`)
  await clock.set('2026-03-01T17:10:00Z')
  await sql('update pgbeat.schedules set enabled = true')
  await scheduler.runDue()
  t.same(await ledger(), [
    '01 12:00 succeeded',
    '01 13:00 to 01 15:00 missed paused 3',
    '01 15:30 to 01 17:00 missed paused 4',
  ])
})

t.test('deleting a schedule keeps its runs, and a row for what was due and had not fired', async (t) => {
  const { sql, clock, scheduler, ledger } = await hourly(t)
  await clock.set('2026-03-01T14:10:00Z')
  await sql('delete from pgbeat.schedules')
  await scheduler.runDue()
  t.same(await ledger(), ['01 12:00 succeeded', '01 13:00 to 01 14:00 missed deleted 2'])
})

t.test('an end that is taken away or put later leaves alone what is due', async (t) => {
  const { sql, clock, scheduler, ledger } = await hourly(t)
  await sql(`update pgbeat.schedules set ends_at = '2026-03-01T20:00Z'`)
  await scheduler.runDue()
  await clock.set('2026-03-01T13:00:00.050Z')
  await sql('update pgbeat.schedules set ends_at = null')
  await scheduler.runDue()
  t.same(await ledger(), ['01 12:00 succeeded', '01 13:00 succeeded'])
})

t.test('a run_at that has passed is due all the same, even where the old timetable had an instant', async (t) => {
  const { sql, clock, scheduler, ledger } = await hourly(t)
  await clock.set('2026-03-01T15:00:30Z')
  await sql(`update pgbeat.schedules set cron_expression = null, run_at = '2026-03-01T14:00Z', catch_up = 'all'`)
  await scheduler.runDue()
  t.same(await ledger(), [
    '01 12:00 succeeded',
    '01 13:00 missed edited 1',
    '01 14:00 catch_up succeeded',
    '01 15:00 missed edited 1',
  ])
  await t.rejects(sql(`update pgbeat.schedules set run_at = '2026-03-01T13:30Z'`), {
    message: 'run_at must be after the last instant that was fired',
  })
})
