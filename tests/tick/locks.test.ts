import t from 'tap'
import { openSession } from '../../src/store/database.ts'
import { simulation } from '../support/simulation.ts'

/** Two schedules: `x`, of which a run waits behind another, and `y`, which nobody touches. It is noon. */
async function withWaitingRun(t: Parameters<typeof simulation>[0], policy: string) {
  const simulated = await simulation(t, '2026-03-01T11:58:30Z')
  const { sql, clock, scheduler, connectionString } = simulated
  await sql(
    `insert into pgbeat.schedules (name, task_name, cron_expression, overlap_policy) values
       ('x', 'echo', '* * * * *', $1), ('y', 'echo', '* * * * *', 'allow')`,
    [policy],
  )
  await scheduler.fireDue()
  for (const at of ['2026-03-01T11:59:00Z', '2026-03-01T12:00:00Z']) {
    await clock.set(at)
    await scheduler.fireDue()
  }
  const somebody = await openSession(connectionString, 'somebody')
  t.teardown(() => somebody.end())
  const statuses = () =>
    sql(`select schedule_name as name, status from pgbeat.runs order by schedule_name, scheduled_for`)
  return { ...simulated, somebody, statuses }
}

t.test('a transaction that somebody leaves open holds up nobody but what it has touched', async (t) => {
  const { sql, clock, scheduler, somebody, statuses } = await withWaitingRun(t, 'queue')
  await somebody.query('begin')
  await somebody.query(`select pgbeat.cancel(id) from pgbeat.runs where status = 'waiting'`)
  await sql(`update pgbeat.runs set status = 'succeeded' where schedule_name = 'x' and status = 'queued'`)
  await clock.set('2026-03-01T12:01:00Z')
  await scheduler.fireDue()
  t.same((await statuses()).filter(({ name }) => name === 'y').length, 3, 'the other schedule fires')
  await somebody.query('rollback')
  await scheduler.fireDue()
  t.same(
    (await statuses()).filter(({ name }) => name === 'x').map(({ status }) => status),
    ['succeeded', 'queued', 'waiting'],
    'what it had touched goes on afterwards',
  )
})

t.test('what replace can not cancel just now is cancelled later', async (t) => {
  const { sql, clock, scheduler, somebody, statuses } = await withWaitingRun(t, 'replace')
  t.same(
    (await statuses()).filter(({ name }) => name === 'x').map(({ status }) => status),
    ['cancelled', 'queued'],
  )
  await somebody.query('begin')
  await somebody.query(`select from pgbeat.runs where schedule_name = 'x' and status = 'queued' for update`)
  await clock.set('2026-03-01T12:01:00Z')
  await scheduler.fireDue()
  t.same(
    (await statuses()).filter(({ name }) => name === 'x').map(({ status }) => status),
    ['cancelled', 'queued', 'waiting'],
  )
  await somebody.query('commit')
  await scheduler.fireDue()
  t.same(
    (await statuses()).filter(({ name }) => name === 'x').map(({ status }) => status),
    ['cancelled', 'cancelled', 'queued'],
  )
  t.same(await sql(`select count(*)::int from pgbeat.runs where reason = 'replaced'`), [{ count: 2 }])
})

t.test('a backfill passes over an instant whose run somebody has locked, and comes back to it', async (t) => {
  const { sql, clock, scheduler, somebody } = await withWaitingRun(t, 'skip')
  await sql(`update pgbeat.runs set status = 'succeeded' where status = 'queued'`)
  await clock.set('2026-03-01T12:00:30Z')
  await somebody.query('begin')
  await somebody.query(`select from pgbeat.runs where schedule_name = 'x' and status = 'skipped' for update`)
  await sql(`select pgbeat.backfill('x', '2026-03-01T12:00Z', '2026-03-01T12:00Z')`)
  await scheduler.runDue()
  const progress = 'select status, chosen::int, remaining::int, succeeded::int from pgbeat.backfill_status'
  t.same(await sql(progress), [{ status: 'running', chosen: 1, remaining: 1, succeeded: 0 }])
  await somebody.query('commit')
  await scheduler.runDue()
  t.same(await sql(progress), [{ status: 'completed', chosen: 1, remaining: 0, succeeded: 1 }])
})
