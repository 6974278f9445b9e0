import { randomUUID } from 'node:crypto'
import t from 'tap'
import { Contact } from '../../src/tick/contact.ts'
import { createUpkeep } from '../../src/tick/upkeep.ts'
import { testSystem } from '../support/system.ts'

const node = {
  id: randomUUID(),
  kind: 'tick',
  host: 'here',
  pid: 1,
  version: '0',
  tasks: [],
  concurrency: null,
  workerPoolId: null,
} as const

t.test('keys of requests are forgotten after a day, never too many at once', async (t) => {
  const { db, pool, events } = await testSystem(t)
  const oldKeys = (from: number, to: number) =>
    pool.query(
      `insert into pgbeat.idempotency_keys (caller, key, fingerprint, created_at)
       select 'api', 'old ' || n, '', now() - interval '25 hours' from generate_series($1::int, $2::int) n`,
      [from, to],
    )
  const keys = async () =>
    (await pool.query<{ key: string }>('select key from pgbeat.idempotency_keys')).rows.map(({ key }) => key)
  const isOld = (key: string) => key.startsWith('old')
  await oldKeys(1, 10_003)
  await pool.query(
    `insert into pgbeat.idempotency_keys (caller, key, fingerprint, created_at)
     values ('api', 'young', '', now() - interval '23 hours')`,
  )
  let now = 1_000_000
  t.intercept(performance, 'now', { value: () => now })
  const upkeep = createUpkeep({ db, node, events, contact: new Contact() })
  await upkeep()
  t.equal((await keys()).filter(isOld).length, 3, 'the first round')
  now += 1_000
  await upkeep()
  t.same(await keys(), ['young'], 'the rest a second later')
  await oldKeys(1, 1)
  now += 60_000
  await upkeep()
  t.same(await keys(), ['young'], 'and again each minute')
})

t.test('a new leader that has stood by for long enough tells at once who is dead, another one waits', async (t) => {
  const { db, pool, events } = await testSystem(t)
  const dead = randomUUID()
  await pool.query(
    `insert into pgbeat.nodes (id, kind, host, pid, version, heartbeat_at)
     values ($1, 'worker', 'here', 2, '0', now() - interval '7 seconds')`,
    [dead],
  )
  const recovered: string[][] = []
  events.on('workers:recovered', ({ workers }) => recovered.push(workers))
  let now = 1_000_000
  t.intercept(performance, 'now', { value: () => now })
  await createUpkeep({ db, node, events, contact: new Contact() })()
  t.same(recovered, [], 'it may have been away itself')
  const contact = new Contact()
  for (; now < 1_006_000; now += 500) contact.made()
  await createUpkeep({ db, node, events, contact })()
  t.same(recovered, [[dead]])
})
