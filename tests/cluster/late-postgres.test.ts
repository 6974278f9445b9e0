import t from 'tap'
import { prepareDatabase } from '../../src/prepare-database.ts'
import { startProcess } from '../support/process.ts'
import { Server } from './server.ts'

t.setTimeout(60_000)

t.test('processes that start before Postgres wait for it, and end when they are told to', async (t) => {
  const server = await Server.create()
  t.teardown(() => server.remove())
  const { connectionString } = server
  await prepareDatabase(connectionString)
  await server.stop()
  const start = (program: 'tick' | 'worker' | 'api') => startProcess(t, program, connectionString)
  const [tick, worker, api, another] = [start('tick'), start('worker'), start('api'), start('worker')] as const
  await Promise.all([tick, worker, api, another].map((process) => process.logged('failed, will try again')))
  t.equal(await another.stop(), 0, 'told to end while it waits')
  await server.start()
  await Promise.all([tick.logged('this tick leads'), worker.logged('worker started'), api.logged('api listening')])
  t.same(await Promise.all([tick, worker, api].map((process) => process.stop())), [0, 0, 0])
})

t.test('a database that is not there is told at once', async (t) => {
  const server = await Server.create()
  t.teardown(() => server.remove())
  const nowhere = new URL(server.connectionString)
  nowhere.pathname = '/nowhere'
  const tick = startProcess(t, 'tick', nowhere.href)
  t.same(await tick.exited, { code: 1, signal: null })
  t.match(tick.errors, /database "nowhere" does not exist/)
})
