import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { pino } from 'pino'
import t from 'tap'
import { createEvents } from '../../src/events.ts'
import { Notifications } from '../../src/http/live/notifications.ts'
import { openListener } from '../../src/store/listener.ts'
import { migrate } from '../../src/store/migrate.ts'
import { runTick } from '../../src/tick/run-tick.ts'
import { runWorker } from '../../src/worker/run-worker.ts'
import { testDatabase } from '../support/database.ts'
import { nextEvent } from '../support/events.ts'
import { startPgBouncer, withoutPgBouncer } from '../support/pgbouncer.ts'
import { testSystem } from '../support/system.ts'

const options = { skip: withoutPgBouncer }
const transaction = { pool_mode: 'transaction' }
const named = { name: 'PoolerError', message: /PgBouncer's pool_mode=transaction/ }

t.test('a pooler in transaction mode is recognised, however it hands out backends', options, async (t) => {
  const { connectionString } = await testDatabase(t)
  for (const settings of [{}, { default_pool_size: '1' }, { server_round_robin: '1' }]) {
    const pooled = await startPgBouncer(t, connectionString, { ...transaction, ...settings })
    for (let others = 0; others <= 2; others += 1) {
      await t.rejects(openListener(pooled, 'test', ['a']), named, JSON.stringify(settings))
    }
  }
})

t.test('a pooler in session mode will do, also when it has no second backend', options, async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  for (const settings of [{}, { default_pool_size: '1' }]) {
    const pooled = await startPgBouncer(t, connectionString, { pool_mode: 'session', ...settings })
    const session = await openListener(pooled, 'test', ['a'])
    const notified = once(session, 'notification')
    await pool.query('notify a')
    t.match(await notified, [{ channel: 'a' }])
    await session.end()
  }
})

t.test('a tick names it, and leads through one in session mode', options, async (t) => {
  const system = await testSystem(t)
  const start = async (settings: Record<string, string>) => {
    const events = createEvents()
    const tick = runTick({ connectionString: await startPgBouncer(t, system.connectionString, settings), events })
    t.teardown(() => tick.stop())
    return events
  }
  t.match(await nextEvent(await start(transaction), 'component:failed'), { component: 'tick', error: named })
  const events = await start({ pool_mode: 'session' })
  await nextEvent(events, 'leader:elected')
  await system.pool.query(`insert into pgbeat.schedules (task_name, cron_expression) values ('echo', '* * * * * *')`)
  await nextEvent(events, 'tick:fired')
})

t.test('the live feed and a worker name it in their logs', options, async (t) => {
  const { connectionString } = await testDatabase(t)
  const pooled = await startPgBouncer(t, connectionString, transaction)
  const lines = new PassThrough()
  const log = pino(lines)
  const says = async () => JSON.parse(String((await once(lines, 'data'))[0])).err.message
  const feed = says()
  const notifications = new Notifications({ connectionString: pooled, log })
  t.match(await feed, named.message)
  await notifications.stop()
  const told = says()
  const starting = runWorker({
    connectionString: pooled,
    tasks: [],
    concurrency: 1,
    drainMs: 0,
    events: createEvents(),
    log,
  })
  t.match(await told, named.message)
  await (await starting).stop()
})

t.test('a migration is refused, and leaves no lock behind', options, async (t) => {
  const { connectionString, pool } = await testDatabase(t, { empty: true })
  const pooled = await startPgBouncer(t, connectionString, transaction)
  await t.rejects(migrate(pooled), named)
  t.same((await pool.query(`select from pg_locks where locktype = 'advisory'`)).rowCount, 0)
})
