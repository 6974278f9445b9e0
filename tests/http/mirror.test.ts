import t from 'tap'
import { noteMirror, numberEvents } from '../../src/store/mirror.ts'
import { testApi } from './api.ts'

t.test('a mirror that there never was has no lag', async (t) => {
  const { request, pool } = await testApi(t)
  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('a', 'echo', '1 hour')`)
  const { status, body } = await request('GET', '/mirror')
  t.equal(status, 200)
  t.match(body.data, { channel: null, node_id: null, lag_events: 0, lag_seconds: 0, sent: 0, error: null })
})

t.test('what is not in Redis is the lag, whether it has a number yet or not', async (t) => {
  const { request, pool, db } = await testApi(t)
  const nodeId = '00000000-0000-4000-8000-000000000001'
  await noteMirror(db, { channel: 'updates', nodeId, error: 'no answer' })
  const add = (name: string) =>
    pool.query(`insert into pgbeat.schedules (name, task_name, every) values ($1, 'echo', '1 hour')`, [name])
  await numberEvents(db)
  await add('a')
  t.match((await request('GET', '/mirror')).body.data, { lag_events: 1 })
  await numberEvents(db)
  await add('b')
  const { body } = await request('GET', '/mirror')
  t.match(body.data, { channel: 'updates', node_id: nodeId, lag_events: 2, error: 'no answer' })
  t.ok(body.data.lag_seconds > 0 && body.data.lag_seconds < 30)
  t.ok(body.data.failing_since)
})
