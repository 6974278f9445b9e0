import pg from 'pg'
import t from 'tap'
import { ReplicatedServer } from './replica.ts'

for (const how of ['immediate', 'kill'] as const) {
  t.test(`a fail-over loses no commit that was confirmed (${how})`, async (t) => {
    const server = await ReplicatedServer.create()
    t.teardown(() => server.remove())
    const before = server.connectionString
    const writer = await connect(t, before)
    await writer.query('create table numbers (n int primary key)')
    let confirmed = 0
    const { promise: hasBegun, resolve: begun } = Promise.withResolvers<void>()
    const writing = (async () => {
      for (;;) {
        await writer.query('insert into numbers values ($1)', [confirmed + 1])
        confirmed += 1
        if (confirmed === 100) begun()
      }
    })()
    const broken = t.rejects(writing)
    await hasBegun
    const after = await server.promote(how)
    await broken
    t.not(after, before)
    t.equal(server.connectionString, after)
    const reader = await connect(t, after)
    const { rows } = await reader.query('select count(*)::int, max(n) from numbers')
    t.equal(rows[0].count, rows[0].max)
    t.ok([confirmed, confirmed + 1].includes(rows[0].count), `${confirmed} confirmed, ${rows[0].count} kept`)
    await reader.query('insert into numbers values (0)')
    t.pass('it takes writes without a replica')
    await t.rejects(connect(t, before), { code: 'ECONNREFUSED' })
  })
}

t.test('until it is promoted the replica can only be read', async (t) => {
  const server = await ReplicatedServer.create()
  t.teardown(() => server.remove())
  const replica = await connect(t, server.replicaConnectionString)
  await server.losePrimary()
  await t.rejects(replica.query('create table numbers (n int)'), { code: '25006' })
  await server.promote()
  await replica.query('create table numbers (n int)')
})

async function connect(t: { teardown(end: () => unknown): unknown }, connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {})
  await client.connect()
  t.teardown(() => client.end())
  return client
}
