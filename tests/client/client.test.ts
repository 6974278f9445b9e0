import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { ApiError, Client } from '../../src/client/client.ts'
import { serveOn, testApi } from '../http/api.ts'
import { addKey } from '../support/api-keys.ts'

t.test('a schedule from its creation to its end', async (t) => {
  const { url } = await testApi(t)
  const client = new Client({ url: `${url}/` })
  const { data: created } = await client.call('POST /schedules', {
    body: { name: 'a/b c', task_name: 'echo', cron_expression: '0 * * * *', payload: { at: [1] } },
  })
  t.match(created, { name: 'a/b c', revision: 1, next_run_at: String })
  const params = { id: 'a/b c' }
  const changed = await client.call('PATCH /schedules/{id}', {
    params,
    body: { priority: 3 },
    ifMatch: created.revision,
  })
  t.equal(changed.data.priority, 3)
  const { data: run } = await client.call('POST /schedules/{id}/trigger', { params })
  t.match(await client.call('GET /runs/{id}', { params: { id: run.id } }), { data: { attempts: [], logs: [] } })
  t.match(
    await client.call('GET /forecast', { query: { from: new Date(), until: new Date(Date.now() + 3_600_000) } }),
    {
      meta: { runs: 1 },
    },
  )
  await client.call('DELETE /schedules/{id}', { params })
  t.match(await client.call('GET /healthz'), { status: 'ok' })
  t.match(await client.call('GET /docs'), /swagger/)
})

t.test('what goes wrong is told with its code and fields', async (t) => {
  const { url } = await testApi(t)
  const client = new Client({ url })
  const missing = await errorOf(client.call('GET /schedules/{id}', { params: { id: 'nobody' } }))
  t.match(missing, { status: 404, code: 'schedule_not_found', requestId: String })
  const wrong = await errorOf(client.call('POST /schedules', { body: { task_name: 'echo', cron_expression: 'x' } }))
  t.match(wrong, { status: 422, code: 'invalid_schedule', errors: [{ field: 'cron_expression' }] })
  const body = { name: 'x', task_name: 'echo', every: 60 }
  const { data } = await client.call('POST /schedules', { body })
  const late = client.call('DELETE /schedules/{id}', { params: { id: 'x' }, ifMatch: data.revision + 1 })
  t.match(await errorOf(late), { status: 412, code: 'revision_mismatch' })
})

async function errorOf(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.catch((error: unknown) => error)
  if (error instanceof ApiError) return error
  throw new Error('it was no ApiError')
}

t.test('a list is followed to its end', async (t) => {
  const { url, pool } = await testApi(t)
  await pool.query(
    `insert into pgbeat.schedules (name, task_name, every, enabled)
     select 'n' || lpad(n::text, 3, '0'), 'echo', '1 hour', n % 2 = 0 from generate_series(1, 250) n`,
  )
  const client = new Client({ url })
  const names: string[] = []
  for await (const { name } of client.each('GET /schedules', { query: { per_page: 100, sort: '-name' } }))
    names.push(name)
  t.equal(names.length, 250)
  t.same(names, names.toSorted().toReversed())
  const enabled = await client.call('GET /schedules', { query: { enabled_only: true, per_page: 1 } })
  t.match(enabled, { data: [{ name: 'n002' }], meta: { total: 125 } })
})

t.test('events are followed across a restart of the server', async (t) => {
  const { connectionString, pool, url } = await testApi(t)
  const stopping = new AbortController()
  t.teardown(() => stopping.abort())
  const first = new Client({ url }).events({ query: { types: ['schedule'] }, signal: stopping.signal })
  t.match(await first.next(), { value: { type: 'ready' } })
  const insert = (name: string) =>
    pool.query(`insert into pgbeat.schedules (name, task_name, every) values ($1, 'echo', '1 hour')`, [name])
  await insert('one')
  const { value: one } = await first.next()
  t.match(one, { type: 'schedule.created', data: { schedule_name: 'one', revision: 1 } })
  await first.return()
  await insert('two')
  const elsewhere = await serveOn(t, { connectionString })
  const resumed = new Client({ url: elsewhere.url }).events({
    lastEventId: one?.id ?? '',
    query: { types: ['schedule'] },
  })
  t.match(await resumed.next(), { value: { type: 'schedule.created', data: { schedule_name: 'two' } } })
  await resumed.return()
})

t.test('a connection on which nothing comes any more is replaced, and goes on where it was', async (t) => {
  const given: (string | undefined)[] = []
  const server = createServer((request, response) => {
    given.push(request.headers['last-event-id'] as string | undefined)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`event: ready\ndata: {}\nid: ${given.length}\n\n`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const events = new Client({ url: `http://127.0.0.1:${port}` }).events({ longestSilenceMs: 50 })
  for (const id of ['1', '2', '3']) t.match(await events.next(), { value: { id, type: 'ready' } })
  await events.return()
  t.same(given, [undefined, '1', '2'])
})

t.test('with a key', async (t) => {
  const { url, db } = await testApi(t)
  const { token } = await addKey(db, 'one', 'viewer')
  t.match(await errorOf(new Client({ url }).call('GET /schedules')), { status: 401, code: 'unauthorized' })
  t.match(await new Client({ url, key: token }).call('GET /schedules'), { data: [] })
})
