import { pino } from 'pino'
import t from 'tap'
import { Notifications } from '../../../src/http/live/notifications.ts'
import { testDatabase } from '../../support/database.ts'

const log = pino({ level: 'silent' })

/** What a subscriber is told, and a way to wait for the next of it. */
function recorder() {
  const told: string[] = []
  let next = Promise.withResolvers<void>()
  const tell = (what: string) => {
    told.push(what)
    next.resolve()
    next = Promise.withResolvers()
  }
  return {
    subscriber: { onNotification: (payload: string) => tell(`heard ${payload}`), onListening: () => tell('listening') },
    async untilTold(count: number) {
      while (told.length < count) await next.promise
      return told
    },
  }
}

t.test('subscribers hear of their channel, and when they may have missed something', async (t) => {
  const { pool, name, connectionString } = await testDatabase(t)
  const notifications = new Notifications({ connectionString, log })
  t.teardown(() => notifications.stop())
  const [one, other, late] = [recorder(), recorder(), recorder()]
  notifications.subscribe('one', one.subscriber)
  notifications.subscribe('Other channel', other.subscriber)
  await one.untilTold(1)
  await pool.query(`select pg_notify('one', 'a'), pg_notify('Other channel', 'b')`)
  t.same(await one.untilTold(2), ['listening', 'heard a'])
  t.same(await other.untilTold(2), ['listening', 'heard b'])

  const end = notifications.subscribe('late', late.subscriber)
  await late.untilTold(1)
  await pool.query(`notify late, 'c'`)
  t.same(await late.untilTold(2), ['listening', 'heard c'])

  await pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = $1 and application_name = 'pgbeat api notifications'`,
    [name],
  )
  await Promise.all([one.untilTold(3), late.untilTold(3)])
  end()
  await pool.query(`select pg_notify('late', 'd'), pg_notify('one', 'e')`)
  t.same(await one.untilTold(4), ['listening', 'heard a', 'listening', 'heard e'])
  t.same(await late.untilTold(3), ['listening', 'heard c', 'listening'])
})

t.test('it stops at once, also where there is no Postgres', async (t) => {
  const nowhere = new Notifications({ connectionString: 'postgres://127.0.0.1:1/none', log })
  await nowhere.stop()
  const silent = new Notifications({ connectionString: 'postgres://192.0.2.1/none', log })
  await silent.stop()
  t.pass()
})
