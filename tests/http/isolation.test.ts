// Who waits for something in Postgres holds up nobody who needs something else.

import t from 'tap'
import { type Api, testApi } from './api.ts'

const hourly = { task_name: 'echo', cron_expression: '0 * * * *' }

/** Holds a table for as long as the work takes. */
async function whileLocked(api: Api, table: string, work: () => Promise<void>): Promise<void> {
  const holder = await api.pool.connect()
  await holder.query(`begin; lock table ${table}`)
  await work()
  await holder.query('rollback')
  holder.release()
}

t.test('figures that take long hold up no request', async (t) => {
  const api = await testApi(t)
  await whileLocked(api, 'pgbeat.runs', async () => {
    const figures = Promise.all(
      [1, 2, 3].map(() => Promise.all([api.request('GET', '/stats'), api.request('GET', '/metrics')])),
    )
    t.equal((await api.request('POST', '/schedules', { ...hourly, name: 'x' })).status, 201)
    t.match(await api.request('GET', '/schedules'), { status: 200, body: { data: [{ name: 'x' }] } })
    t.equal((await api.request('GET', '/healthz')).status, 200)
    for (const [stats, metrics] of await figures) {
      t.match(stats, { status: 503, body: { code: 'database_unavailable' } }, 'they are ended in time')
      t.match(metrics, { status: 200, body: /^pgbeat_database_up 0$/m })
    }
  })
  t.equal((await api.request('GET', '/stats')).status, 200)
})

t.test('while nobody can tell which workers there are, everything else goes on', async (t) => {
  const api = await testApi(t)
  await whileLocked(api, 'pgbeat.nodes', async () => {
    const created = await api.request('POST', '/schedules', { ...hourly, name: 'x' })
    t.match(created, { status: 201, body: { data: { task_has_worker: false } } })
    t.match(await api.request('GET', '/schedules/x'), { status: 200 })
    t.equal((await api.request('GET', '/healthz')).status, 200)
    t.equal((await api.request('GET', '/readyz')).status, 200)
  })
})
