import type pg from 'pg'
import t from 'tap'
import { testDatabase } from '../../support/database.ts'
import { testSystem } from '../../support/system.ts'
import { startLive } from './live.ts'
import type { LiveEvent } from './stream.ts'

const schedule = (name: string) => `
  insert into pgbeat.schedules (name, task_name, cron_expression, enabled) values ('${name}', 'echo', '0 * * * *', false)`

/** Asks for three hours of a schedule; answers the id. */
async function backfill(client: Pick<pg.Client, 'query'>, name: string): Promise<string> {
  const { rows } = await client.query(
    `select pgbeat.backfill($1, '2026-03-01 00:00Z', '2026-03-01 02:59:59Z', payload => '"secret"') as id`,
    [name],
  )
  return rows[0].id
}

const ofBackfills = { types: ['backfill'] } as const
const story = (events: readonly LiveEvent[]) => events.map(({ event, data }) => `${data.schedule_name} ${event}`)

t.test('tells when a backfill begins, goes on and is over, without its payload', async (t) => {
  const system = await testSystem(t)
  await system.startWorker()
  system.startTick()
  const { open } = await startLive(t, system)
  const [stream, runs] = await Promise.all([open({ filter: ofBackfills }), open({ filter: { types: ['run'] } })])
  await system.pool.query(schedule('a'))
  const id = await backfill(system.pool, 'a')
  const { data } = await stream.find(({ event }) => event === 'backfill.completed')
  const { rows } = await system.pool.query(`
    select id::text, schedule_id, schedule_name, starts_at, ends_at, which, max_active, dry_run, status, listed_until,
      error, created_at, created_by, finished_at from pgbeat.backfills`)
  t.same(data, JSON.parse(JSON.stringify(rows[0])))
  t.equal(data.id, id)
  const order = ['backfill.listing', 'backfill.running', 'backfill.completed']
  const told = stream.events.map(({ event }) => event)
  t.same(
    [...new Set(told)],
    order.filter((event) => told.includes(event)),
    'in their order; short ones may be passed over',
  )
  await runs.until(() => runs.events.filter(({ event }) => event === 'run.succeeded').length === 3)
  t.ok(
    runs.events.every(({ data }) => data.backfill_id === id),
    'its runs tell how far it is',
  )
})

t.test('tells of cancellation and failure, to those who ask for the schedule or its task', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database)
  await pool.query(`${schedule('a')}; ${schedule('b')}; insert into pgbeat.tasks (name) values ('other')`)
  await pool.query(`update pgbeat.schedules set task_name = 'other' where name = 'b'`)
  const { rows } = await pool.query(`select id from pgbeat.schedules where name = 'a'`)
  const [ofA, ofOther, failedRuns, ofSchedules] = await Promise.all([
    open({ filter: { ...ofBackfills, scheduleId: rows[0].id } }),
    open({ filter: { ...ofBackfills, taskName: 'other' } }),
    open({ filter: { ...ofBackfills, statuses: ['failed'] } }),
    open({ filter: { types: ['schedule'] } }),
  ])
  const [a, b] = [await backfill(pool, 'a'), await backfill(pool, 'b')]
  await failedRuns.until(() => failedRuns.events.length === 2)
  await pool.query('select pgbeat.cancel_backfill($1)', [a])
  await pool.query(`delete from pgbeat.schedules where name = 'b'`)
  await failedRuns.find(({ event }) => event === 'backfill.cancelled')
  await pool.query(`update pgbeat.backfills set status = 'failed', error = repeat('x', 1000) where id = $1`, [b])
  await Promise.all([
    ofA.find(({ event }) => event === 'backfill.cancelled'),
    ofOther.find(({ event }) => event === 'backfill.failed'),
    failedRuns.find(({ event }) => event === 'backfill.failed'),
    ofSchedules.find(({ event }) => event === 'schedule.deleted'),
  ])
  t.same(story(ofA.events), ['a backfill.listing', 'a backfill.cancelled'])
  t.same(story(ofOther.events), ['b backfill.listing', 'b backfill.failed'], 'though the schedule is gone')
  t.equal(ofOther.events[1]?.data.error.length, 300)
  t.equal(failedRuns.events.length, 4, 'a status is of runs')
  t.ok(ofSchedules.events.every(({ event }) => event.startsWith('schedule.')))
})

t.test('late commits and lost streams: each client is told each change once, wherever it goes on', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const here = await startLive(t, database)
  const elsewhere = await startLive(t, database)
  const all = ['a', 'b', 'c', 'd']
  for (const name of all) await pool.query(schedule(name))
  const stream = await here.open()
  const slow = await pool.connect()
  await slow.query('begin; savepoint s')
  await backfill(slow, 'd')
  await slow.query('release s')
  const together = await pool.connect()
  await together.query('begin')
  await pool.query(`select pgbeat.trigger('a')`)
  for (const name of ['a', 'b', 'c']) await backfill(together, name)
  await together.query(`select pgbeat.trigger('b'); commit`)
  together.release()
  await stream.until(() => stream.events.length === 10)
  const first = story(stream.events)
  t.equal(new Set(first).size, first.length)
  t.same(
    first.filter((event) => / backfill\./.test(event)),
    ['a', 'b', 'c'].map((name) => `${name} backfill.listing`),
  )
  await slow.query('commit')
  slow.release()
  await stream.find(({ event, data }) => event === 'backfill.listing' && data.schedule_name === 'd')
  const order = story(stream.events)
  for (const [index, { id }] of stream.events.entries()) {
    const again = await elsewhere.open({ lastEventId: id })
    await again.until(() => again.events.length >= order.length - 1 - index)
    t.same(story(again.events), order.slice(index + 1), `after ${index + 1} of ${order.length}`)
    again.close()
  }
  const { id } = stream.events.at(-1) as LiveEvent
  await pool.query(`update pgbeat.backfills set status = 'completed' where schedule_name = 'b'`)
  await pool.query(`update pgbeat.backfills set max_active = 7`)
  const last = await elsewhere.open({ lastEventId: id })
  await last.find(({ event }) => event === 'backfill.completed')
  await pool.query(`select pgbeat.trigger('c')`)
  await last.find(({ event }) => event === 'run.queued')
  t.same(story(last.events), ['b backfill.completed', 'c schedule.triggered', 'c run.queued'], 'only what changed')
})

t.test('backfills that there were before, and of a dump from another cluster, are history', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database)
  await pool.query(schedule('a'))
  const stream = await open({ filter: ofBackfills })
  await pool.query(`
    insert into pgbeat.backfills (schedule_id, schedule_name, starts_at, ends_at, xid)
    select gen_random_uuid(), 'restored', now(), now(), (pg_current_xact_id()::text::bigint + i)::text::xid8
    from generate_series(0, 50) i`)
  for (let index = 0; index < 60; index += 1) await pool.query(`update pgbeat.schedules set description = '${index}'`)
  await backfill(pool, 'a')
  await stream.find(({ data }) => data.schedule_name === 'a')
  t.same(stream.events.filter(({ data }) => data.schedule_name === 'restored').length, 1, 'but for its own transaction')
})
