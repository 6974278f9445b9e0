import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import t from 'tap'
import { isReachable } from '../../src/store/database.ts'
import { readClock } from '../../src/store/forecast.ts'
import { Probe } from '../../src/store/probe.ts'
import type { Db } from '../../src/store/tables.ts'
import { testDatabase } from '../support/database.ts'

t.test('a connection whose other end vanished is given up, and a new one asked', async (t) => {
  const { connectionString } = await testDatabase(t)
  const target = new URL(connectionString)
  const clients: Socket[] = []
  const proxy = createServer((client) => {
    const server = connect(Number(target.port), target.hostname)
    clients.push(client.on('error', () => {}))
    client.pipe(server.on('error', () => {})).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const through = new URL(connectionString)
  through.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const probe = new Probe(through.href, 'test', 500)
  t.teardown(async () => {
    await probe.stop()
    for (const client of clients) client.destroy()
    proxy.close()
  })
  t.equal(await probe.ask(isReachable), true)
  t.equal(await probe.ask(isReachable), true)
  t.equal(clients.length, 1, 'on one session')
  clients[0]?.unpipe()
  t.equal(await probe.ask(isReachable), true)
  t.equal(clients.length, 2)
})

t.test('nobody there', async (t) => {
  const probe = new Probe('postgres://nobody@127.0.0.1:9/nothing', 'test', 500)
  t.equal(await probe.ask(isReachable), undefined)
  await probe.stop()
})

t.test('many at the same time', async (t) => {
  const { connectionString } = await testDatabase(t)
  const probe = new Probe(connectionString, 'test', 5_000)
  t.teardown(() => probe.stop())
  const clock = async (db: Db) => (await readClock(db)) > 0
  const answers = await Promise.all([1, 2, 3].flatMap(() => [probe.ask(isReachable), probe.ask(clock)]))
  t.same(answers, Array(6).fill(true))
})
