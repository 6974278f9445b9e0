import t from 'tap'
import { simulation } from '../support/simulation.ts'

/** An hourly schedule that has fired at noon. */
async function hourly(t: Parameters<typeof simulation>[0]) {
  const simulated = await simulation(t, '2026-03-01T12:00:00Z')
  await simulated.sql(
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ('x', 'echo', '0 * * * *')`,
  )
  await simulated.scheduler.runDue()
  return simulated
}

t.test('a paused stretch is never caught up; after it one row covers and counts it', async (t) => {
  const { sql, clock, scheduler, ledger } = await hourly(t)
  await clock.set('2026-03-01T12:30:00Z')
  await sql(`select pgbeat.pause('x', 'the exchange is closed')`)
  t.same(await sql('select enabled, pause_note, paused_at, next_run_at from pgbeat.schedules'), [
    {
      enabled: false,
      pause_note: 'the exchange is closed',
      paused_at: new Date('2026-03-01T12:30:00Z'),
      next_run_at: null,
    },
  ])
  await scheduler.runUntil('2026-03-01T17:30:00Z')
  t.same(await ledger(), ['01 12:00 succeeded'])
  await sql(`select pgbeat.resume('x', 'it is open again')`)
  await scheduler.runUntil('2026-03-01T18:30:00Z')
  t.same(await ledger(), ['01 12:00 succeeded', '01 13:00 to 01 17:00 missed paused 5', '01 18:00 succeeded'])
  t.same(await sql('select event_type, note from pgbeat.schedule_events order by id'), [
    { event_type: 'created', note: null },
    { event_type: 'paused', note: 'the exchange is closed' },
    { event_type: 'resumed', note: 'it is open again' },
  ])
  t.same(await sql('select paused_at, pause_note from pgbeat.schedules'), [{ paused_at: null, pause_note: null }])
})

t.test('a pause in which nothing was due leaves no row', async (t) => {
  const { sql, clock, scheduler, ledger } = await hourly(t)
  await clock.set('2026-03-01T12:10:00Z')
  await sql(`select pgbeat.pause('x')`)
  await clock.set('2026-03-01T12:50:00Z')
  await sql(`select pgbeat.resume('x')`)
  await scheduler.runUntil('2026-03-01T13:00:00Z')
  t.same(await ledger(), ['01 12:00 succeeded', '01 13:00 succeeded'])
})

t.test('what was due and had not fired when it was paused is missed, not caught up after the pause', async (t) => {
  const { sql, clock, scheduler, ledger } = await hourly(t)
  await clock.set('2026-03-01T14:30:00Z')
  await sql(`update pgbeat.schedules set enabled = false`)
  await scheduler.runDue()
  t.same(await ledger(), ['01 12:00 succeeded', '01 13:00 to 01 14:00 missed paused 2'])
  await clock.set('2026-03-01T15:30:00Z')
  await sql(`update pgbeat.schedules set enabled = true`)
  await scheduler.runDue()
  t.same((await ledger()).slice(2), ['01 15:00 missed paused 1'])
})

t.test('a one-time schedule whose instant comes during the pause does not run, and is finished', async (t) => {
  const { sql, clock, scheduler, ledger } = await simulation(t, '2026-03-01T12:00:00Z')
  await sql(`insert into pgbeat.schedules (task_name, run_at, enabled) values ('echo', '2026-03-01T13:00Z', false)`)
  await clock.set('2026-03-01T14:00:00Z')
  await sql('update pgbeat.schedules set enabled = true')
  await scheduler.runDue()
  t.same(await ledger(), ['01 13:00 missed paused 1'])
  t.same(await sql('select next_run_at::text from pgbeat.schedules'), [{ next_run_at: 'infinity' }])
})
