import t from 'tap'
import { describeNode } from '../../src/node.ts'
import { Heartbeat } from '../../src/worker/heartbeat.ts'
import { Network } from '../cluster/network.ts'
import { testDatabase } from '../support/database.ts'

t.test('a heart whose connection was silent for a while beats on another one', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  const network = await Network.start(connectionString)
  t.teardown(() => network.stop())
  const heartbeat = await Heartbeat.start(
    network.connectionString,
    describeNode('worker'),
    new AbortController().signal,
  )
  const backends = async () => {
    const { rows } = await pool.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name like 'pgbeat heartbeat%' and datname = current_database()`,
    )
    return rows.map(({ pid }) => pid)
  }
  const [before] = await backends()
  network.silence()
  await pool.query('select pg_sleep(3.5)')
  network.restore()
  let now = await backends()
  while (now.length === 0 || now.includes(before as number)) now = await backends()
  const { rows } = await pool.query<{ at: Date }>('select clock_timestamp() as at')
  while ((await pool.query('select from pgbeat.nodes where heartbeat_at > $1', [rows[0]?.at])).rowCount === 0) {}
  await heartbeat.stop()
  t.equal((await pool.query('select from pgbeat.nodes')).rowCount, 0)
})
