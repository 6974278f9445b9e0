import t, { type Test } from 'tap'
import { invalidSchedules } from '../../src/doctor/checks/invalid-schedules.ts'
import { neverFiredSchedules } from '../../src/doctor/checks/never-fired-schedules.ts'
import { overdueSchedules } from '../../src/doctor/checks/overdue-schedules.ts'
import { simulation } from '../support/simulation.ts'
import { lookAt } from './look-at.ts'

async function morning(t: Test) {
  const system = await simulation(t, '2026-03-02T10:00:00Z')
  const environment = { DATABASE_URL: system.connectionString }
  const insert = (columns: string, values: string) =>
    system.sql(`insert into pgbeat.schedules (name, task_name, ${columns}) values ('s', 'echo', ${values})`)
  return { ...system, environment, insert }
}

t.test('a schedule that can not be planned is invalid until it is paused or mended', async (t) => {
  const { environment, insert, scheduler, sql } = await morning(t)
  const look = () => lookAt(invalidSchedules, environment)
  await insert('cron_expression', `'0 0 1-7 * +1#5'`)
  t.match(await look(), { status: 'pass' })
  await scheduler.fireDue()
  t.match(await look(), { status: 'warn', message: /^1 enabled schedule can't be planned and won't fire: s \(.+\)$/ })
  await sql('update pgbeat.schedules set enabled = false')
  await scheduler.fireDue()
  t.match(await look(), { status: 'pass' })
  await sql(`update pgbeat.schedules set enabled = true, cron_expression = '0 0 28 2 *'`)
  await scheduler.fireDue()
  t.match(await look(), { status: 'pass' })
})

t.test('of many that are invalid the first are named', async (t) => {
  const { environment, scheduler, sql } = await morning(t)
  await sql(`insert into pgbeat.schedules (name, task_name, cron_expression)
    select 's' || i, 'echo', '0 0 1-7 * +1#5' from generate_series(1, 5) i`)
  await scheduler.fireDue()
  const { message } = await lookAt(invalidSchedules, environment)
  t.match(message, /^5 enabled schedules .*, …$/)
  t.equal(message.match(/\bs\d \(/g)?.length, 3)
})

t.test('what nobody plans or fires is overdue after 10 s', async (t) => {
  const { environment, insert, scheduler, clock } = await morning(t)
  const look = () => lookAt(overdueSchedules, environment)
  await insert('cron_expression', `'0 * * * *'`)
  await clock.set('2026-03-02T10:00:10Z')
  t.match(await look(), { status: 'pass' })
  await clock.set('2026-03-02T10:00:11Z')
  t.match(await look(), {
    status: 'fail',
    message: /^1 schedule not planned .* for more than 10 s, such as s for 11 s$/,
  })
  await scheduler.fireDue()
  t.match(await look(), { status: 'pass' })

  await clock.set('2026-03-02T11:00:10Z')
  t.match(await look(), { status: 'pass' })
  await clock.set('2026-03-02T11:00:25Z')
  t.match(await look(), { status: 'fail', message: /^1 schedule overdue for more than 10 s, such as s for 25 s$/ })
  await scheduler.fireDue()
  t.match(await look(), { status: 'pass' })
})

t.test('what is paused or finished is not overdue', async (t) => {
  const { environment, sql, scheduler, clock } = await morning(t)
  await sql(`insert into pgbeat.schedules (name, task_name, run_at, enabled)
    values ('paused', 'echo', '2026-03-02T10:30Z', false), ('finished', 'echo', '2026-03-02T10:00Z', true)`)
  await scheduler.fireDue()
  await clock.set('2026-03-02T11:00:00Z')
  t.match(await lookAt(overdueSchedules, environment), { status: 'pass' })
})

t.test('a schedule has never fired when its instants were missed or skipped', async (t) => {
  const { environment, insert, scheduler, clock } = await morning(t)
  const look = () => lookAt(neverFiredSchedules, environment)
  await insert('cron_expression, catch_up', `'15 * * * *', 'none'`)
  await scheduler.fireDue()
  t.match(await look(), { status: 'pass' }, 'its first instant is to come')
  await clock.set('2026-03-02T11:30:00Z')
  t.match(await look(), { status: 'pass' }, 'it is overdue, which another check tells')
  await scheduler.fireDue()
  const found = {
    status: 'warn',
    message: /^1 enabled schedule never fired though due: s \(its last instant was missed: catch_up_none\)$/,
  }
  t.match(await look(), found)
  await clock.set('2026-03-02T12:15:00Z')
  await scheduler.fireDue()
  t.match(await look(), { status: 'pass' })
})

t.test('a schedule that is skipped for a run that does not end has never fired', async (t) => {
  const { environment, insert, scheduler, clock, sql } = await morning(t)
  await insert('cron_expression', `'15 * * * *'`)
  await scheduler.fireDue()
  await sql(`select pgbeat.trigger('s')`)
  await clock.set('2026-03-02T10:15:00Z')
  await scheduler.fireDue()
  const skipped = /s \(its last instant was skipped: overlap\)/
  t.match(await lookAt(neverFiredSchedules, environment), { status: 'warn', message: skipped })
})

t.test('a schedule whose end comes before its first instant never fires', async (t) => {
  const { environment, insert, scheduler } = await morning(t)
  await insert('cron_expression, ends_at', `'0 12 * * *', '2026-03-02T11:00Z'`)
  await scheduler.fireDue()
  t.match(await lookAt(neverFiredSchedules, environment), { status: 'warn', message: /s \(no instant is left/ })
})

t.test('schedules that are sound have fired, or are still to', async (t) => {
  const { environment, sql, scheduler, clock } = await morning(t)
  await sql(`insert into pgbeat.schedules (name, task_name, cron_expression, run_at, max_runs, enabled) values
    ('yearly', 'echo', '0 0 1 1 *', null, null, true), ('once', 'echo', null, '2026-03-02T10:30Z', null, true),
    ('hourly', 'echo', '0 * * * *', null, null, true), ('twice', 'echo', '*/10 * * * *', null, 2, true),
    ('paused', 'echo', '15 10 * * *', null, null, true), ('off', 'echo', '0 * * * *', null, null, false)`)
  await scheduler.fireDue()
  await sql(`select pgbeat.pause('paused')`)
  for (const minutes of ['10:30', '10:59']) {
    await clock.set(`2026-03-02T${minutes}:00Z`)
    await scheduler.fireDue()
  }
  await sql(`select pgbeat.resume('paused')`)
  await clock.set('2026-03-03T09:00:00Z')
  await scheduler.fireDue()
  t.match(await lookAt(neverFiredSchedules, environment), { status: 'pass' })
  t.match(await sql(`select status, reason from pgbeat.runs where schedule_name = 'paused'`), [
    { status: 'missed', reason: 'paused' },
  ])
})
