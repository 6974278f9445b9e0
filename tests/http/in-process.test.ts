import { pino } from 'pino'
import t, { type Test } from 'tap'
import { ownReport } from '../../src/cli/own-report.ts'
import { ApiError, type Calls, Client } from '../../src/client/client.ts'
import { openInProcess } from '../../src/http/open-in-process.ts'
import { testSystem } from '../support/system.ts'
import { serveOn } from './api.ts'

/** The same API twice on one database: in this process, and over HTTP. */
async function bothApis(t: Test) {
  const system = await testSystem(t)
  const { connectionString } = system
  const inProcess = openInProcess({
    connectionString,
    actor: 'cli:ann',
    log: pino({ level: 'silent' }),
    diagnose: () => ownReport(connectionString, {}),
  })
  t.teardown(() => inProcess.close())
  const { url } = await serveOn(t, { connectionString })
  return { ...system, inProcess, remote: new Client({ url }) as Calls }
}

async function errorOf(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.catch((error: unknown) => error)
  if (error instanceof ApiError) return error
  throw new Error(`it was no ApiError: ${error}`)
}

t.test('what one does the other shows, word for word', async (t) => {
  const { inProcess, remote } = await bothApis(t)
  const body = { name: 'a/b c', task_name: 'echo', cron_expression: '0 * * * *', payload: { at: [1] } }
  const { data: created } = await inProcess.call('POST /schedules', { body })
  t.match(created, { name: 'a/b c', revision: 1, updated_by: 'cli:ann' })
  const params = { id: 'a/b c' }
  t.same(await inProcess.call('GET /schedules/{id}', { params }), await remote.call('GET /schedules/{id}', { params }))
  const changed = await inProcess.call('PATCH /schedules/{id}', { params, body: { priority: 3 }, ifMatch: 1 })
  t.equal(changed.data.priority, 3)
  const { data: run } = await inProcess.call('POST /schedules/{id}/trigger', { params })
  t.same(
    await inProcess.call('GET /runs/{id}', { params: { id: run.id } }),
    await remote.call('GET /runs/{id}', { params: { id: run.id } }),
  )
  const query = { from: '2030-01-01T00:00:00+09:00', until: new Date('2029-12-31T17:00:00Z') }
  const forecast = await inProcess.call('GET /forecast', { query })
  t.match(forecast.meta, { runs: 2 })
  t.same(forecast, await remote.call('GET /forecast', { query }))
  const { data: audit } = await remote.call('GET /audit')
  t.same(new Set(audit.map(({ changed_by }) => changed_by)), new Set(['cli:ann']))
  t.match(await inProcess.call('GET /stats'), { data: { schedules: { total: 1 } } })
})

t.test('what is refused is refused alike', async (t) => {
  const { inProcess, remote } = await bothApis(t)
  const body = { name: 'x', task_name: 'echo', every: 60 }
  await inProcess.call('POST /schedules', { body })
  const refused: ((api: Calls) => Promise<unknown>)[] = [
    (api) => api.call('GET /schedules/{id}', { params: { id: 'nobody' } }),
    (api) => api.call('GET /runs/{id}', { params: { id: 'x' } }),
    (api) => api.call('POST /schedules', { body: { task_name: 'echo', cron_expression: 'x' } }),
    (api) => api.call('POST /schedules', { body: { ...body, task_nam: 'y' } as typeof body }),
    (api) => api.call('POST /schedules', { body }),
    (api) => api.call('POST /schedules', { body: { ...body, name: 'y' }, query: { strict: true } }),
    (api) => api.call('DELETE /schedules/{id}', { params: { id: 'x' }, ifMatch: 7 }),
    (api) => api.call('GET /schedules', { query: { per_page: 1000 } }),
    (api) => api.call('POST /bulk/pause', { body: {} }),
  ]
  for (const refuse of refused) {
    const [here, there] = [await errorOf(refuse(inProcess)), await errorOf(refuse(remote))]
    t.match(here, { status: there.status, code: there.code, message: there.message, errors: there.errors })
    t.ok(here.cause, 'it is known what was behind it')
  }
})

t.test('a list is followed to its end', async (t) => {
  const { inProcess, pool } = await bothApis(t)
  await pool.query(`insert into pgbeat.schedules (name, task_name, every, tags)
    select 'n' || i, 'echo', '1 hour', array['a', 'b'] from generate_series(1, 7) as i`)
  const query = { per_page: 3, tags: ['a', 'b'] }
  const names: string[] = []
  for await (const { name } of inProcess.each('GET /schedules', { query })) names.push(name)
  t.same(names, ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7'])
})

t.test('a write with a key is done once, however it is sent', async (t) => {
  const { inProcess, remote } = await bothApis(t)
  const body = { task_name: 'echo', every: 60 }
  const first = await inProcess.call('POST /schedules', { body, idempotencyKey: 'k' })
  t.equal((await inProcess.call('POST /schedules', { body, idempotencyKey: 'k' })).data.id, first.data.id)
  const other = await remote.call('POST /schedules', { body, idempotencyKey: 'k' })
  t.not(other.data.id, first.data.id, 'keys belong to who sends them')
})

t.test('changes are followed without a server, until told to stop', async (t) => {
  const { inProcess } = await bothApis(t)
  const stop = new AbortController()
  const seen: string[] = []
  const query = { types: 'schedule' } as const
  for await (const { type, data } of inProcess.events({ query, signal: stop.signal })) {
    seen.push(type)
    if (type === 'ready') await inProcess.call('POST /schedules', { body: { name: 'x', task_name: 'echo', every: 60 } })
    else {
      t.match(data, { schedule_name: 'x' })
      stop.abort()
    }
  }
  t.same(seen, ['ready', 'schedule.created'])
  const wrong = inProcess.events({ query: { status: 'x' } as never }).next()
  t.match(await errorOf(wrong), { code: 'invalid_request', errors: [{ field: 'status.0' }] })
})

t.test('what nobody waits for is not begun', async (t) => {
  const { inProcess } = await bothApis(t)
  const called = inProcess.call('GET /tasks', { signal: AbortSignal.abort() })
  await t.rejects(called, { name: 'AbortError' })
})
