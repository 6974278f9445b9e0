import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import pg from 'pg'
import t, { type Test } from 'tap'
import { z } from 'zod'
import { createScheduler, defineTask, type Scheduler, schedule, unschedule } from '../../src/index.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'

const greet = defineTask({
  name: 'greet',
  description: 'Says hello',
  payload: z.object({ whom: z.string(), mark: z.string().default('!') }),
  async run({ payload, db }) {
    const { rows } = await db.query('select current_setting($1) as application', ['application_name'])
    return { said: `hello ${payload.whom}${payload.mark}`, application: rows[0].application }
  },
})

function poolOf(t: Test, { connectionString }: TestDatabase): pg.Pool {
  const pool = new pg.Pool({ connectionString, application_name: 'the program' })
  pool.on('error', () => {})
  t.teardown(() => pool.end())
  return pool
}

async function started(t: Test, ...[options]: Parameters<typeof createScheduler>): Promise<Scheduler> {
  const scheduler = createScheduler(options)
  t.teardown(() => scheduler.stop())
  await scheduler.start()
  return scheduler
}

/** What would end the process, or not, and how many listen to it. */
function handled() {
  const names = ['SIGTERM', 'SIGINT', 'SIGHUP', 'uncaughtException', 'unhandledRejection']
  return names.map((name) => [name, process.listenerCount(name)])
}

async function finished({ events }: Scheduler) {
  const [run] = await once(events, 'run:finished')
  return run
}

t.test('it runs in the program, with its pool, on a database that was empty', async (t) => {
  const database = await testDatabase(t, { empty: true })
  const pool = poolOf(t, database)
  const before = handled()
  const scheduler = createScheduler({ pool, tasks: [greet] })
  await Promise.all([scheduler.start(), scheduler.start()])
  const run = finished(scheduler)
  const id = await scheduler.schedule({ name: 'now', task: greet, payload: { whom: 'you' }, run_at: new Date() })
  t.match(await run, {
    scheduleId: id,
    status: 'succeeded',
    result: { said: 'hello you!', application: 'the program' },
  })

  const { rows } = await pool.query('select name from pgbeat.tasks')
  t.same(rows, [{ name: 'greet' }], 'its tasks, and no others, may be scheduled')
  t.same(handled(), before)
  await Promise.all([scheduler.stop(), scheduler.stop()])
  t.same(handled(), before, 'signals are the program’s business')
  await t.resolves(pool.query('select'), 'the pool is the program’s')
  // The last of them to be closed may be there for a moment.
  const ofPgbeat = `select from pg_stat_activity where datname = current_database() and application_name like 'pgbeat%'`
  while ((await pool.query(ofPgbeat)).rowCount !== 0) {}
})

t.test('it runs in a program that is given on the command line', async (t) => {
  const { connectionString } = await testDatabase(t)
  const program = `
    import { createScheduler } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url))}
    const scheduler = createScheduler({ connectionString: ${JSON.stringify(connectionString)}, tasks: [] })
    await scheduler.start()
    await scheduler.stop()
    console.log('stopped')`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
  t.equal(stdout, 'stopped\n')
})

t.test('a schedule is part of the transaction that its client is in', async (t) => {
  const database = await testDatabase(t)
  const scheduler = await started(t, { connectionString: database.connectionString, tasks: [greet] })
  const client = await database.pool.connect()
  t.teardown(() => client.release(true))
  await client.query('begin')
  await schedule(client, { name: 'gone', task: greet, payload: { whom: 'nobody' }, run_at: new Date() })
  await client.query('rollback')
  const run = finished(scheduler)
  await client.query('begin')
  await scheduler.schedule(client, { name: 'here', task_name: 'greet', payload: { whom: 'all' }, run_at: new Date() })
  t.same((await database.pool.query('select from pgbeat.schedules')).rowCount, 0)
  await client.query('commit')
  t.match(await run, { scheduleName: 'here' })
  t.equal(await unschedule(database.pool, 'gone'), false)
  t.equal(await scheduler.unschedule('here'), true)
})

t.test('several in one process share the work, and each stops by itself', async (t) => {
  const { connectionString } = await testDatabase(t)
  const one = await started(t, { connectionString, tasks: [greet] })
  const two = await started(t, { connectionString, tasks: [greet] })
  await one.schedule({ name: 'each second', task: greet, payload: { whom: 'both' }, every: 'PT1S' })
  await Promise.race([finished(one), finished(two)])
  const next = finished(two)
  await one.stop()
  t.match(await next, { scheduleName: 'each second', status: 'succeeded' })
})

t.test('stopping lets a run finish; it may be started again', async (t) => {
  const { connectionString } = await testDatabase(t)
  const gate = Promise.withResolvers<string>()
  const wait = defineTask({ name: 'wait', description: '', payload: z.object({}), run: () => gate.promise })
  const scheduler = await started(t, { connectionString, tasks: [wait], migrate: false, drainMs: 60_000 })
  const begun = once(scheduler.events, 'run:started')
  await scheduler.schedule({ name: 'long', task: wait, run_at: new Date() })
  await begun
  const run = finished(scheduler)
  const stopped = scheduler.stop()
  gate.resolve('done')
  t.match(await run, { status: 'succeeded', result: 'done' })
  await stopped
  await scheduler.start()
  const again = finished(scheduler)
  await scheduler.trigger('long')
  t.match(await again, { status: 'succeeded' })
})

t.test('what was paused by hand stays paused when the program declares its schedules again', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  const scheduler = createScheduler({ connectionString })
  t.teardown(() => scheduler.stop())
  const hourly = { name: 'hourly', task_name: 'echo', cron_expression: '0 * * * *', tags: ['a', 'b'] }
  const id = await scheduler.schedule(hourly)
  await scheduler.pause('hourly', 'not now')
  t.equal(await scheduler.schedule({ ...hourly, priority: 5 }), id)
  const { rows } = await pool.query('select enabled, pause_note, priority, tags from pgbeat.schedules')
  t.same(rows, [{ enabled: false, pause_note: 'not now', priority: 5, tags: ['a', 'b'] }])
  await scheduler.resume('hourly')
  t.same((await pool.query('select enabled from pgbeat.schedules')).rows, [{ enabled: true }])
})

t.test('a failed start leaves nothing behind and may be repeated', async (t) => {
  const { connectionString } = await testDatabase(t, { empty: true })
  const scheduler = createScheduler({ connectionString, migrate: false })
  t.teardown(() => scheduler.stop())
  await t.rejects(scheduler.start(), { name: 'MigrationError' })
  await t.rejects(scheduler.start(), { name: 'MigrationError' })
  await scheduler.stop()
})

t.test('what is wrong with a schedule is said at once', async (t) => {
  const { pool } = await testDatabase(t)
  const given = { name: 'wrong', task_name: 'echo' }
  await t.rejects(schedule(pool, { ...given, cron_expression: '61 * * * *' }), { name: 'TimetableError' })
  await t.rejects(schedule(pool, { ...given, cron_expression: '* * * * *', timezone: 'Asia/Edo' }), {
    name: 'TimetableError',
    field: 'timezone',
  })
  await t.rejects(schedule(pool, given), { code: '22023', column: /./ }, 'the database says the rest')
  // @ts-expect-error: there is no such column
  await t.rejects(schedule(pool, { ...given, every: 'PT1M', retries: 3 }), { message: 'a schedule has no retries' })
  // @ts-expect-error: the task needs a name
  await t.rejects(schedule(pool, { name: 'wrong', task: greet, every: 'PT1M' }), { name: 'ZodError' })
  // @ts-expect-error: and one that is text
  await t.rejects(schedule(pool, { name: 'wrong', task: greet, payload: { whom: 5 }, every: 'PT1M' }), {
    name: 'ZodError',
  })
  t.equal((await pool.query('select from pgbeat.schedules')).rowCount, 0)
})

t.test('without a database there is no scheduler', async (t) => {
  t.throws(() => createScheduler({}), { name: 'TypeError', message: /needs a pool or a connectionString/ })
  const pool = new pg.Pool({ ssl: { ca: 'PEM' } })
  t.throws(() => createScheduler({ pool }), { name: 'TypeError', message: /give connectionString besides pool/ })
})
