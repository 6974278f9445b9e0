import t from 'tap'
import { simulation } from '../support/simulation.ts'

/** A minutely schedule whose first run is still running when the next instants come. */
async function overlapping(t: Parameters<typeof simulation>[0], policy: string) {
  const simulated = await simulation(t, '2026-03-01T11:59:30Z')
  const { sql, clock, scheduler } = simulated
  await sql(
    `insert into pgbeat.schedules (name, task_name, cron_expression, overlap_policy) values ('x', 'echo', '* * * * *', $1)`,
    [policy],
  )
  await scheduler.fireDue()
  await clock.set('2026-03-01T12:00:00Z')
  await scheduler.fireDue()
  await sql(`update pgbeat.runs set status = 'running', attempt = 1`)
  for (const at of ['2026-03-01T12:01:00Z', '2026-03-01T12:02:00Z']) {
    await clock.set(at)
    await scheduler.fireDue()
  }
  return simulated
}

const endsFirst = `update pgbeat.runs set status = 'succeeded', finished_at = pgbeat.clock() where status = 'running'`

t.test('skip: an instant that comes while the previous run is active is skipped, and says so', async (t) => {
  const { ledger } = await overlapping(t, 'skip')
  t.same(await ledger(), ['01 12:00 running', '01 12:01 skipped overlap', '01 12:02 skipped overlap'])
})

t.test('queue: it waits, and each of them runs in turn', async (t) => {
  const { ledger, sql, scheduler } = await overlapping(t, 'queue')
  t.same(await ledger(), ['01 12:00 running', '01 12:01 waiting', '01 12:02 waiting'])
  await sql(endsFirst)
  await scheduler.fireDue()
  t.same(await ledger(), ['01 12:00 succeeded', '01 12:01 queued', '01 12:02 waiting'])
  await scheduler.runDue()
  t.same(await ledger(), ['01 12:00 succeeded', '01 12:01 succeeded', '01 12:02 succeeded'])
})

t.test('allow: it runs beside the previous one', async (t) => {
  const { ledger } = await overlapping(t, 'allow')
  t.same(await ledger(), ['01 12:00 running', '01 12:01 queued', '01 12:02 queued'])
})

t.test('replace: the previous run is cancelled, and the newest takes its place', async (t) => {
  const { ledger, sql, scheduler } = await overlapping(t, 'replace')
  t.same(
    await ledger(),
    ['01 12:00 running replaced', '01 12:01 cancelled replaced', '01 12:02 waiting'],
    'the one that is running is asked to end, the one that waited is over',
  )
  t.same(await sql('select cancel_requested_at from pgbeat.runs order by id limit 1'), [
    { cancel_requested_at: new Date('2026-03-01T12:01:00Z') },
  ])
  await sql(`update pgbeat.runs set status = 'cancelled', finished_at = pgbeat.clock() where status = 'running'`)
  await scheduler.runDue()
  t.same(await ledger(), ['01 12:00 cancelled replaced', '01 12:01 cancelled replaced', '01 12:02 succeeded'])
})
