import { mock } from 'node:test'
import type pg from 'pg'
import t, { type Test } from 'tap'
import { openPool, openSession } from '../../src/store/database.ts'
import { openListener } from '../../src/store/listener.ts'
import { isUnavailable } from '../../src/store/postgres-errors.ts'
import { Network } from '../cluster/network.ts'
import { testDatabase } from '../support/database.ts'

async function networked(t: Test) {
  const database = await testDatabase(t)
  const network = await Network.start(database.connectionString)
  t.teardown(() => network.stop())
  return { ...database, network }
}

const end = (session: pg.ClientBase) => new Promise<void>((resolve) => session.once('end', resolve))

const unanswered = { message: 'Query read timeout' }

t.test('a session that gets no answer has ended, and is closed at once', async (t) => {
  const { network } = await networked(t)
  const session = await openSession(network.connectionString, 'test', { answerTimeoutMs: 200 })
  const ended = end(session)
  network.silence()
  await t.rejects(session.query('select 1'), unanswered)
  await ended
  await t.rejects(session.query('select 1'), unanswered)
  await session.end()
})

t.test('a pool replaces a connection that gets no answer, whoever was given it', async (t) => {
  const { network } = await networked(t)
  const options = { applicationName: 'test', maxConnections: 1, answerTimeoutMs: 200 }
  const pool = openPool({ connectionString: network.connectionString, ...options })
  t.teardown(() => pool.end())
  const client = await pool.connect()
  network.silence()
  await t.rejects(client.query(`select 'first'`), unanswered)
  client.release()
  network.restore()
  const { rows } = await pool.query(`select 'second' as answer`)
  t.same(rows, [{ answer: 'second' }])
})

t.test('what is idle is closed without waiting for a network that is silent', async (t) => {
  const { network } = await networked(t)
  const session = await openSession(network.connectionString, 'test')
  const pool = openPool({ connectionString: network.connectionString, applicationName: 'test' })
  await pool.query('select 1')
  network.silence()
  const startedAt = performance.now()
  await Promise.all([session.end(), pool.end()])
  t.ok(performance.now() - startedAt < 5_000)
})

t.test('who pauses in the middle of a transaction loses it, and its locks', async (t) => {
  const { connectionString } = await testDatabase(t)
  const pool = openPool({ connectionString, applicationName: 'test', statementTimeoutMs: 100 })
  t.teardown(() => pool.end())
  const frozen = await pool.connect()
  await frozen.query('begin; lock table pgbeat.leader')
  await end(frozen)
  await pool.query('update pgbeat.leader set term = term')
  const error = await frozen.query('commit').catch((error: unknown) => error)
  t.ok(isUnavailable(error), 'worth another try')
  frozen.release()
})

t.test('Postgres is told to notice a peer that vanished', async (t) => {
  const { connectionString } = await testDatabase(t)
  const session = await openSession(connectionString, 'test')
  const pool = openPool({ connectionString, applicationName: 'test' })
  t.teardown(() => Promise.all([session.end(), pool.end()]))
  const text = `select name || ' ' || setting as set from pg_settings where name like 'tcp_%' order by name`
  const expected = [
    { set: 'tcp_keepalives_count 3' },
    { set: 'tcp_keepalives_idle 5' },
    { set: 'tcp_keepalives_interval 2' },
    { set: 'tcp_user_timeout 11000' },
  ]
  t.same((await session.query(text)).rows, expected)
  t.same((await pool.query(text)).rows, expected)
})

t.test('a session that only listens ends when its network has gone silent', async (t) => {
  const { network } = await networked(t)
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const session = await openListener(network.connectionString, 'test', ['a'])
  let isOver = false
  session.once('end', () => {
    isOver = true
  })
  network.silence()
  while (!isOver) {
    mock.timers.tick(5_000)
    await new Promise(setImmediate)
  }
  t.pass()
})
