import pg from 'pg'
import t from 'tap'
import { Server } from './server.ts'

for (const how of ['fast', 'immediate', 'kill'] as const) {
  t.test(`what was committed is there after a restart (${how}), at the same address`, async (t) => {
    const server = await Server.create()
    t.teardown(() => server.remove())
    const { connectionString } = server
    const client = new pg.Client({ connectionString })
    client.on('error', () => {})
    await client.connect()
    await client.query('create table kept as select 42 as answer')
    const ended = new Promise((resolve) => client.once('end', resolve))
    await Promise.all([server.restart(how), ended])
    t.equal(server.connectionString, connectionString)
    const again = new pg.Client({ connectionString })
    await again.connect()
    t.same((await again.query('select answer from kept')).rows, [{ answer: 42 }])
    await again.end()
  })
}
