import type pg from 'pg'
import t from 'tap'
import { mostSeen } from '../../../src/store/change-position.ts'
import { testDatabase } from '../../support/database.ts'
import { testSystem } from '../../support/system.ts'
import { startLive } from './live.ts'
import type { LiveEvent } from './stream.ts'

const schedule = (name: string) =>
  `insert into pgbeat.schedules (name, task_name, cron_expression, enabled) values ('${name}', 'echo', '0 9 * * *', false)`

/** A run of a paused schedule, which is called like it; answers the id. */
async function trigger(client: Pick<pg.Client, 'query'>, name: string): Promise<string> {
  const { rows } = await client.query('select pgbeat.trigger($1) as id', [name])
  return rows[0].id
}

const finish = (id: string, status = 'succeeded') =>
  `update pgbeat.runs set status = '${status}', finished_at = pgbeat.clock() where id = ${id}`

const story = (events: readonly LiveEvent[]) =>
  events.filter(({ event }) => event.startsWith('run.')).map(({ event, data }) => `${data.schedule_name} ${event}`)

t.test('tells what becomes of a run, without what may be large', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database)
  const stream = await open()
  await pool.query(schedule('a'))
  const id = await trigger(pool, 'a')
  await stream.find(({ event }) => event === 'run.queued')
  await pool.query(`update pgbeat.runs set status = 'running', attempt = 1, started_at = pgbeat.clock()`)
  await stream.find(({ event }) => event === 'run.running')
  await pool.query(`update pgbeat.runs set progress = '{"done": 1, "total": 2, "message": null}'`)
  await stream.find(({ data }) => data.progress?.done === 1)
  await pool.query(
    `update pgbeat.runs set status = 'failed', finished_at = pgbeat.clock(), result = '[1]', error = $1`,
    [{ code: 'broken', message: 'x'.repeat(1_000), stack: 'secret' }],
  )
  const { data } = await stream.find(({ event }) => event === 'run.failed')
  t.same(story(stream.events), ['a run.queued', 'a run.running', 'a run.running', 'a run.failed'])
  const { rows } = await pool.query(`
    select id::text, backfill_id::text, schedule_id, schedule_name, task_name, scheduled_for, origin, status, reason,
      missed_since, missed_count, clock_change, attempt, max_attempts, node_id, queued_at, started_at, finished_at,
      next_attempt_at, cancel_requested_at, progress from pgbeat.runs`)
  t.same(data, {
    ...JSON.parse(JSON.stringify(rows[0])),
    error: { code: 'broken', message: 'x'.repeat(300) },
  })
  t.equal(data.id, id)
})

t.test('tells of what a tick and a worker do', async (t) => {
  const system = await testSystem(t)
  const { open } = await startLive(t, system)
  const stream = await open()
  await system.startWorker()
  system.startTick()
  await system.pool.query(
    `insert into pgbeat.schedules (name, task_name, run_at, payload) values ('once', 'echo', now(), '{"a": 1}')`,
  )
  const { data } = await stream.find(({ event }) => event === 'run.succeeded')
  t.match(data, { schedule_name: 'once', origin: 'schedule', attempt: 1, error: null })
  const states = stream.events.filter(({ event }) => event.startsWith('run.')).map(({ event }) => event)
  t.same(
    states,
    ['run.queued', 'run.running', 'run.succeeded'].filter((state) => states.includes(state)),
    'in their order, each once; short ones may be passed over',
  )
})

t.test('runs that never start, and runs that are made again', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database)
  await pool.query(schedule('a'))
  const id = await trigger(pool, 'a')
  await pool.query(`update pgbeat.runs set status = 'succeeded', finished_at = pgbeat.clock() - interval '1 day'`)
  const stream = await open({ filter: { types: ['run'] } })
  await pool.query(`
    insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, reason, max_attempts)
    select id, name, task_name, '{}', now(), 'schedule', 'skipped', 'overlap', 1 from pgbeat.schedules`)
  await stream.find(({ event, data }) => event === 'run.skipped' && data.reason === 'overlap')
  await pool.query(`update pgbeat.runs set status = 'queued', finished_at = null where id = $1`, [id])
  await stream.find(({ event, data }) => event === 'run.queued' && data.id === id)
  await pool.query('select pgbeat.cancel($1)', [id])
  await stream.find(({ event }) => event === 'run.cancelled')
  t.equal(stream.events.length, 3)
})

t.test('late commits, with and without savepoints, arrive once, wherever the client goes on', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const here = await startLive(t, database)
  const elsewhere = await startLive(t, database)
  for (const name of ['plain', 'sub', 'end', 'other', 'idle']) await pool.query(schedule(name))
  const ending = await trigger(pool, 'end')
  const stream = await here.open({ filter: { types: ['run'] } })

  const [idle, plain, sub] = await Promise.all([pool.connect(), pool.connect(), pool.connect()])
  // Open all the while, and holds back the oldest id that a snapshot has.
  await idle.query('begin')
  await trigger(idle, 'idle')
  await plain.query('begin')
  await trigger(plain, 'plain')
  await plain.query(finish(ending))
  await sub.query('begin')
  await sub.query('select pg_current_xact_id()')
  await sub.query('savepoint s')
  await trigger(sub, 'sub')
  await sub.query('release s')
  for (let round = 0; round < 3; round += 1) {
    const id = await trigger(pool, 'other')
    await stream.find(({ event, data }) => event === 'run.queued' && data.id === id)
    await pool.query(finish(id))
    await stream.find(({ event, data }) => event === 'run.succeeded' && data.id === id)
  }
  const whileOpen = stream.lastId
  const resumed = await elsewhere.open({ filter: { types: ['run'] }, lastEventId: whileOpen })
  await sub.query('commit')
  await plain.query('commit')
  for (const client of [stream, resumed]) {
    for (const [name, event] of [
      ['sub', 'run.queued'],
      ['plain', 'run.queued'],
      ['end', 'run.succeeded'],
    ]) {
      await client.find((found) => found.data.schedule_name === name && found.event === event)
    }
  }
  const afterwards = await elsewhere.open({ filter: { types: ['run'] }, lastEventId: whileOpen })
  await afterwards.until(() => afterwards.events.length >= 3)
  await idle.query('commit')
  for (const client of [idle, plain, sub]) client.release()
  for (const client of [stream, resumed, afterwards]) {
    await client.find(({ data }) => data.schedule_name === 'idle')
  }
  const late = ['end run.succeeded', 'idle run.queued', 'plain run.queued', 'sub run.queued']
  t.same(story(resumed.events).sort(), late)
  t.same(story(afterwards.events).sort(), late)
  const rounds = ['other run.queued', 'other run.succeeded']
  t.same(story(stream.events).sort(), [...late, ...rounds, ...rounds, ...rounds].sort())
  const end = await here.open({ filter: { types: ['run'] }, lastEventId: resumed.lastId })
  await trigger(pool, 'other')
  await end.find(({ data }) => data.schedule_name === 'other')
  t.same(story(end.events), ['other run.queued'])
})

t.test('a transaction that hundreds of others have overtaken', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database)
  for (const name of ['late', 'quick']) await pool.query(schedule(name))
  const ending = await trigger(pool, 'late')
  const stream = await open({ filter: { types: ['run'] } })
  const client = await pool.connect()
  await client.query('begin')
  await client.query(finish(ending))
  for (let count = 0; count < mostSeen + 50; count += 1) await trigger(pool, 'quick')
  await stream.until(() => stream.events.length === mostSeen + 50)
  const resumed = await open({ filter: { types: ['run'] }, lastEventId: stream.lastId })
  await trigger(pool, 'quick')
  await resumed.find(({ data }) => data.schedule_name === 'quick')
  await client.query('commit')
  client.release()
  for (const { find } of [stream, resumed]) await find(({ event }) => event === 'run.succeeded')
  t.equal(stream.events.length, mostSeen + 52)
  t.same(story(resumed.events), ['quick run.queued', 'late run.succeeded'])
})

t.test('by task and status', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database)
  await pool.query(schedule('a'))
  const failures = await open({ filter: { types: ['run'], statuses: ['failed'], taskName: 'echo' } })
  const others = await open({ filter: { types: ['run'], taskName: 'another' } })
  const all = await open()
  const [one, two] = [await trigger(pool, 'a'), await trigger(pool, 'a')]
  await pool.query(finish(one))
  await pool.query(finish(two, 'failed'))
  await all.find(({ event }) => event === 'run.succeeded')
  await failures.find(({ event }) => event === 'run.failed')
  t.same(story(failures.events), ['a run.failed'])
  t.same(others.events, [])
})

const manyRuns = (count: number) => `
  insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts)
  select gen_random_uuid(), 'many', 'echo', '{}', now() + i * interval '1 ms', 'schedule', 'skipped', 1
  from generate_series(1, ${count}) i`

t.test('more than a thousand changes at once are one word: load anew', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database)
  const stream = await open()
  const before = stream.lastId
  await pool.query(manyRuns(1_000))
  await stream.until(() => stream.events.length === 1_000)
  const again = await open({ lastEventId: before })
  await again.until(() => again.events.length === 1_000)
  t.same(
    again.events.map(({ data }) => data.id),
    stream.events.map(({ data }) => data.id),
  )

  await pool.query(manyRuns(1_001).replace('now()', `now() + interval '1 hour'`))
  await stream.find(({ event }) => event === 'overflow')
  await pool.query(schedule('a'))
  await stream.find(({ event }) => event === 'schedule.created')
  t.equal(stream.events.length, 1_002)

  const late = await open({ lastEventId: before })
  await late.find(({ event }) => event === 'overflow')
  await pool.query(schedule('b'))
  await late.find(({ data }) => data.schedule_name === 'b')
  t.same(
    late.events.map(({ event }) => event),
    ['overflow', 'schedule.created'],
  )
})
