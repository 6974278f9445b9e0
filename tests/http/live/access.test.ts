import t from 'tap'
import { revokeKey } from '../../../src/store/api-keys.ts'
import { addKey } from '../../support/api-keys.ts'
import { testDatabase } from '../../support/database.ts'
import { testApi } from '../api.ts'
import { startLive } from './live.ts'
import { openStream } from './stream.ts'

const hour = 3_600_000

t.test('a stream ends when its key is revoked, and no other', async (t) => {
  const { db, url, pool } = await testApi(t, { keysTrustedForMs: hour })
  const one = await addKey(db, 'one')
  const two = await addKey(db, 'two')
  const streamOf = ({ token }: typeof one) => openStream(t, `${url}/api/v1/events`, { token })
  const [revoked, other] = [await streamOf(one), await streamOf(two)]
  await revokeKey(db, one.key.id)
  await revoked.ended
  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('x', 'echo', '1 hour')`)
  await other.find(({ event }) => event === 'schedule.created')
  t.same(revoked.events, [])
})

t.test('a stream of nobody in particular ends when the first key closes the API', async (t) => {
  const { db, url } = await testApi(t, { keysTrustedForMs: hour })
  const stream = await openStream(t, `${url}/api/v1/events`)
  await addKey(db, 'first')
  await stream.ended
})

t.test('each heartbeat asks whether a client is still allowed', async (t) => {
  let isAllowed = true
  const { open, feed } = await startLive(t, await testDatabase(t), {
    heartbeatEveryMs: 10,
    isStillAllowed: async () => isAllowed,
  })
  const stream = await open()
  await stream.until(() => stream.comments.length > 2)
  isAllowed = false
  await stream.ended
  while (feed.clients > 0) await new Promise((resolve) => setImmediate(resolve))
})

t.test('a stream goes on while nobody can say whether it may', async (t) => {
  let asked = 0
  const { open, feed } = await startLive(t, await testDatabase(t), {
    heartbeatEveryMs: 10,
    isStillAllowed: async () => {
      asked += 1
      throw new Error('the database is away')
    },
  })
  const stream = await open()
  await stream.until(() => asked > 2 && stream.comments.length > 2)
  t.equal(feed.clients, 1)
})
