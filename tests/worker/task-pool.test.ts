import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import t from 'tap'
import { openTaskPool } from '../../src/worker/task-pool.ts'
import { testDatabase } from '../support/database.ts'

t.setTimeout(60_000)

t.test('a task may take its time over a large answer', async (t) => {
  const { connectionString } = await testDatabase(t)
  const { pool, end } = openTaskPool({ connectionString, concurrency: 1 })
  t.teardown(end)
  const client = await pool.connect()
  const { stream } = (client as unknown as { connection: pg.Connection }).connection
  const answer = client.query(`select repeat('x', 1000000) from generate_series(1, 40)`)
  await once(stream, 'data')
  stream.pause()
  await delay(14_000)
  stream.resume()
  t.equal((await answer).rowCount, 40)
  client.release()
})
