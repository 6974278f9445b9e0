import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t, { type Test } from 'tap'
import { judge, postgres } from '../../src/doctor/checks/postgres.ts'
import { ReplicatedServer } from '../cluster/replica.ts'
import { testDatabase } from '../support/database.ts'
import { lookAt } from './look-at.ts'

const look = (DATABASE_URL: string) => lookAt(postgres, { DATABASE_URL })

function changed(connectionString: string, changes: Partial<Pick<URL, 'host' | 'password' | 'pathname' | 'hostname'>>) {
  return Object.assign(new URL(connectionString), changes).href
}

/** A port that takes connections and says nothing; closed, it takes none. */
async function silentPort(t: Test) {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { server, host: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

t.test('one that answers says how quickly, and nothing of the password', async (t) => {
  const { connectionString, name } = await testDatabase(t, { empty: true })
  const found = await look(connectionString)
  const message = new RegExp(`^PostgreSQL \\d+\\.\\d+ at 127\\.0\\.0\\.1:\\d+/${name} answers in [\\d.]+ ms`)
  t.match(found, { status: 'pass', message })
  t.notMatch(JSON.stringify(found), new URL(connectionString).password)
})

t.test('what keeps it from being used is told, and what to do', async (t) => {
  const { connectionString } = await testDatabase(t, { empty: true })
  t.match(await lookAt(postgres, {}), { status: 'fail', message: 'DATABASE_URL is not set', action: /^set it/ })
  const { server, host } = await silentPort(t)
  server.close()
  t.match(await look(changed(connectionString, { host })), {
    status: 'fail',
    message: /can't be used: connect ECONNREFUSED/,
    action: /^start Postgres/,
  })
  const refused = { status: 'fail', action: /^correct the user, the password or the database/ }
  t.match(await look(changed(connectionString, { password: 'wrong' })), { ...refused, message: /password/ })
  t.match(await look(changed(connectionString, { pathname: '/nowhere' })), { ...refused, message: /does not exist/ })
})

t.test('one that takes connections and never answers is given up', async (t) => {
  const { host } = await silentPort(t)
  const since = performance.now()
  t.match(await look(`postgres://me:secret@${host}/name`), { status: 'fail', message: /timeout/ })
  t.ok(performance.now() - since < 5_000)
})

t.test('a database that is set to only read fails', async (t) => {
  const { connectionString, name, pool } = await testDatabase(t, { empty: true })
  await pool.query(`alter database ${name} set default_transaction_read_only to on`)
  t.match(await look(connectionString), { status: 'fail', message: /default_transaction_read_only/ })
})

t.test('a replica fails', async (t) => {
  t.setTimeout(120_000)
  const server = await ReplicatedServer.create()
  t.teardown(() => server.remove())
  t.match(await look(server.connectionString), { status: 'pass' })
  t.match(await look(server.replicaConnectionString), {
    status: 'fail',
    message: /is a replica/,
    action: /the primary/,
  })
})

t.test('one that is too old fails', async (t) => {
  const state = { is_replica: false, is_read_only: false, role: 'me', database: 'name' }
  const quick = { connectMs: 2, answerMs: 1 }
  const old = judge({ ...state, version: '13.22', version_number: 130022 }, 'host/name', quick)
  t.match(old, { status: 'fail', message: /needs 14 or newer/ })
  const oldest = judge({ ...state, version: '14.0', version_number: 140000 }, 'host/name', quick)
  t.match(oldest, { status: 'pass' })
})
