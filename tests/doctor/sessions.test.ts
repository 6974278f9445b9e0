import pg from 'pg'
import t from 'tap'
import { notifications } from '../../src/doctor/checks/notifications.ts'
import { postgres } from '../../src/doctor/checks/postgres.ts'
import { sessions } from '../../src/doctor/checks/sessions.ts'
import { locksBelongToSessions } from '../../src/store/session-lock.ts'
import { testDatabase } from '../support/database.ts'
import { startPgBouncer, withoutPgBouncer } from '../support/pgbouncer.ts'
import { lookAt } from './look-at.ts'

const options = { skip: withoutPgBouncer }

t.test('a server by itself has sessions, and hears what is notified', async (t) => {
  const { connectionString, pool } = await testDatabase(t, { empty: true })
  const environment = { DATABASE_URL: connectionString }
  t.match(await lookAt(sessions, environment), { status: 'pass' })
  t.match(await lookAt(notifications, environment), { status: 'pass', message: /after [\d.]+ ms$/ })
  const left = `select application_name from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
  t.same((await pool.query(left)).rows, [], 'no session is left')
})

t.test('so does a pooler in session mode', options, async (t) => {
  const { connectionString } = await testDatabase(t, { empty: true })
  const environment = { DATABASE_URL: await startPgBouncer(t, connectionString, { pool_mode: 'session' }) }
  t.match(await lookAt(sessions, environment), { status: 'pass' })
  t.match(await lookAt(notifications, environment), { status: 'pass' })
})

t.test('a pooler in transaction mode is named', options, async (t) => {
  const { connectionString } = await testDatabase(t, { empty: true })
  const settings = { pool_mode: 'transaction', default_pool_size: '1' }
  const environment = { DATABASE_URL: await startPgBouncer(t, connectionString, settings) }
  t.match(await lookAt(sessions, environment), {
    status: 'fail',
    message: /looks like a pooler in transaction mode/,
    action: /^point DATABASE_URL at Postgres itself/,
  })
  t.equal(await locksBelongToSessions(environment.DATABASE_URL), false)
})

t.test('and what it does to notifications', options, async (t) => {
  const { connectionString } = await testDatabase(t, { empty: true })
  const settings = { pool_mode: 'transaction' }
  const environment = { DATABASE_URL: await startPgBouncer(t, connectionString, settings) }
  t.match(await lookAt(notifications, environment), {
    status: 'fail',
    message: /does not reach who LISTENs/,
    action: /see sessions/,
  })
})

t.test('others do not get what the doctor has set for itself', options, async (t) => {
  const { connectionString } = await testDatabase(t, { empty: true })
  const settings = { pool_mode: 'transaction', default_pool_size: '1' }
  const pooled = await startPgBouncer(t, connectionString, settings)
  t.match(await lookAt(postgres, { DATABASE_URL: pooled }), { status: 'pass' })
  const other = new pg.Client({ connectionString: pooled })
  await other.connect()
  t.same((await other.query('show statement_timeout')).rows, [{ statement_timeout: '0' }])
  await other.end()
})
