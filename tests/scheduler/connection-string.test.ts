import pg from 'pg'
import t from 'tap'
import { connectionStringOf } from '../../src/scheduler/connection-string.ts'
import { testDatabase } from '../support/database.ts'

/** What pg makes of what a scheduler would connect with. */
async function derived(config: pg.PoolConfig) {
  const client = new pg.Client(await connectionStringOf(new pg.Pool(config)))
  const { host, port, user, database, password, ssl } = client as pg.Client & { ssl: unknown }
  return { host, port, user, database, password, ssl }
}

t.test('it leads where the pool leads', async (t) => {
  const { connectionString, name } = await testDatabase(t)
  const { hostname: host, port, username: user, password } = new URL(connectionString)
  const parts = { host, port: Number(port), user, password, database: name }
  for (const config of [{ connectionString }, parts, { ...parts, password: async () => password }]) {
    const client = new pg.Client(await connectionStringOf(new pg.Pool(config)))
    await client.connect()
    t.same((await client.query('select current_database() as name')).rows, [{ name }])
    await client.end()
  }
})

t.test('whatever characters a name or a password has', async (t) => {
  const odd = { host: 'db.example', port: 5433, user: 'a b@c:d/e', password: 'p%w?#&=+ é', database: 'my db/é+%' }
  t.match(await derived(odd), odd)
  t.match(await derived({ ...odd, host: '/var/run/postgresql' }), { ...odd, host: '/var/run/postgresql' })
  t.match(await derived({ ...odd, host: '::1' }), { ...odd, host: '::1' })
})

t.test('what the pool leaves to the environment is left to it', async (t) => {
  t.same(await derived({}), await derived({ connectionString: 'postgres:///' }))
  t.match(await derived({ user: 'me', password: 'x' }), { user: 'me', password: 'x' })
  t.match(await derived({ host: 'db.example' }), { host: 'db.example' })
})

t.test('it asks for SSL as the pool does', async (t) => {
  const host = 'db.example'
  const connectionString = 'postgres://db.example/name'
  const sslOf = async (config: pg.PoolConfig) => (await derived(config)).ssl
  t.same(await sslOf({ host }), false)
  t.same(await sslOf({ host, ssl: false }), false)
  t.same(await sslOf({ host, ssl: true }), {})
  t.same(await sslOf({ host, ssl: { rejectUnauthorized: false } }), { rejectUnauthorized: false })
  t.same(await sslOf({ connectionString, ssl: { rejectUnauthorized: false } }), { rejectUnauthorized: false })
  t.same(await sslOf({ connectionString: `${connectionString}?sslmode=disable`, ssl: true }), false)
})

t.test('what a connection string can not say is refused, and what to do is said', async (t) => {
  for (const [config, why] of [
    [{ ssl: { ca: 'PEM', key: 'PEM' } }, /its ssl has ca, key: give connectionString besides pool/],
    [{ connectionString: 'postgres://db.example/name', ssl: { ca: 'PEM' } }, /its ssl has ca/],
    [{ stream: () => undefined }, /makes its own streams/],
    [{ database: 'what?' }, /has a \? or #/],
  ] as [pg.PoolConfig, RegExp][]) {
    await t.rejects(connectionStringOf(new pg.Pool(config)), { name: 'TypeError', message: why })
  }
})
