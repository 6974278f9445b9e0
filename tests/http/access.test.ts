import { networkInterfaces } from 'node:os'
import { pino } from 'pino'
import t from 'tap'
import { ownReport } from '../../src/cli/own-report.ts'
import { ListenError } from '../../src/http/listen.ts'
import { runApi } from '../../src/http/run-api.ts'
import { revokeKey } from '../../src/store/api-keys.ts'
import { addKey } from '../support/api-keys.ts'
import { type Request, serveOn, testApi } from './api.ts'
import { operations } from './contract.ts'

/** Who may do what: the least role, or nobody in particular. */
const table: Record<string, 'anybody' | 'viewer' | 'operator' | 'admin'> = {
  'GET /': 'anybody',
  'GET /healthz': 'anybody',
  'GET /readyz': 'anybody',
  'GET /openapi.json': 'anybody',
  'GET /docs': 'anybody',
  'GET /session': 'anybody',
  'POST /session': 'anybody',
  'DELETE /session': 'anybody',
  'GET /metrics': 'viewer',
  'GET /schedules': 'viewer',
  'POST /schedules': 'admin',
  'GET /schedules/recent-runs': 'viewer',
  'GET /schedules/{id}': 'viewer',
  'PUT /schedules/{id}': 'admin',
  'PATCH /schedules/{id}': 'admin',
  'DELETE /schedules/{id}': 'admin',
  'POST /schedules/{id}/pause': 'operator',
  'POST /schedules/{id}/resume': 'operator',
  'POST /schedules/{id}/disable': 'operator',
  'POST /schedules/{id}/enable': 'operator',
  'POST /schedules/{id}/trigger': 'operator',
  'GET /schedules/{id}/runs': 'viewer',
  'GET /schedules/{id}/history': 'viewer',
  'GET /schedules/{id}/events': 'viewer',
  'GET /schedules/{id}/preview': 'viewer',
  'POST /schedules/{id}/backfill': 'operator',
  'GET /schedules/{id}/backfills': 'viewer',
  'POST /bulk/pause': 'operator',
  'POST /bulk/resume': 'operator',
  'POST /bulk/trigger': 'operator',
  'POST /bulk/delete': 'admin',
  'POST /apply': 'admin',
  'POST /cron/preview': 'viewer',
  'GET /forecast': 'viewer',
  'GET /backfills': 'viewer',
  'GET /backfills/{id}': 'viewer',
  'POST /backfills/{id}/cancel': 'operator',
  'GET /runs': 'viewer',
  'GET /runs/{id}': 'viewer',
  'GET /runs/{id}/logs': 'viewer',
  'POST /runs/{id}/cancel': 'operator',
  'POST /runs/{id}/retry': 'operator',
  'GET /events': 'viewer',
  'GET /audit': 'viewer',
  'GET /keys': 'admin',
  'POST /keys': 'admin',
  'POST /keys/{id}/revoke': 'admin',
  'GET /figures': 'viewer',
  'GET /queue': 'viewer',
  'GET /stats': 'viewer',
  'GET /tasks': 'viewer',
  'GET /nodes': 'viewer',
  'POST /nodes/{id}/drain': 'operator',
  'POST /nodes/{id}/undrain': 'operator',
  'GET /leader': 'viewer',
  'GET /mirror': 'viewer',
  'GET /doctor': 'viewer',
}

type Body = Record<string, unknown>

const roles = ['viewer', 'operator', 'admin'] as const

t.test('every route × role', async (t) => {
  t.same(
    Object.keys(table).sort(),
    operations.map(({ method, path }) => `${method} ${path.replace('/api/v1', '')}`).sort(),
  )
  const { db, request } = await testApi(t)
  const tokens = await Promise.all(roles.map(async (role) => (await addKey(db, role, role)).token))
  const bodyFor = (method: string, path: string) => {
    if (path === '/session') return method === 'POST' ? { key: tokens[0] } : undefined
    const operation = operations.find((one) => one.method === method && one.path.endsWith(path))
    const { payload, ...example } = (operation?.requestBody?.content['application/json']?.example ?? {}) as Body
    return operation?.requestBody && (path === '/schedules' ? { ...example, payload } : example)
  }
  for (const [route, least] of Object.entries(table)) {
    const [method = '', path = ''] = route.split(' ')
    const statusWith = async (authorization?: string) => {
      const headers = authorization === undefined ? {} : { authorization }
      const { status } = await request(method, path.replace('{id}', '1'), bodyFor(method, path), headers)
      return status === 401 || status === 403 ? status : 'let in'
    }
    const isLetIn = (role: (typeof roles)[number]) => least === 'anybody' || roles.indexOf(role) >= roles.indexOf(least)
    t.equal(await statusWith(), least === 'anybody' ? 'let in' : 401, `${route} without a key`)
    t.equal(await statusWith('Bearer nonsense'), least === 'anybody' ? 'let in' : 401, `${route} with another key`)
    for (const [index, role] of roles.entries()) {
      t.equal(await statusWith(`Bearer ${tokens[index]}`), isLetIn(role) ? 'let in' : 403, `${route} as ${role}`)
    }
  }
})

t.test('a payload of its own takes an admin', async (t) => {
  const { db, pool, request } = await testApi(t)
  const { token } = await addKey(db, 'op', 'operator')
  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('x', 'echo', '1 hour')`)
  const authorization = `Bearer ${token}`
  const range = { starts_at: '2026-03-01T00:00:00Z', ends_at: '2026-03-02T00:00:00Z' }
  t.equal((await request('POST', '/schedules/x/trigger', {}, { authorization })).status, 202)
  for (const [path, body] of [
    ['/schedules/x/trigger', { payload: { rm: '-rf' } }],
    ['/schedules/x/backfill', { ...range, payload: 1 }],
    ['/bulk/trigger', { ids: ['x'], payload: 1 }],
  ] as const) {
    t.match(await request('POST', path, body, { authorization }), { status: 403, body: { code: 'forbidden' } })
  }
})

t.test('every write says who made it', async (t) => {
  const { db, row, request } = await testApi(t)
  const { token } = await addKey(db, 'deploy', 'admin')
  const as = { authorization: `bearer ${token}` }
  await request('POST', '/schedules', { name: 'x', task_name: 'echo', every: 3600 }, as)
  await request('POST', '/schedules/x/pause', { note: 'why' }, as)
  const { body } = await request('POST', '/schedules/x/trigger', {}, as)
  await request('POST', `/runs/${body.data.id}/cancel`, undefined, as)
  await request('POST', `/runs/${body.data.id}/retry`, undefined, as)
  await request(
    'POST',
    '/schedules/x/backfill',
    { starts_at: '2026-03-01T00:00:00Z', ends_at: '2026-03-02T00:00:00Z' },
    as,
  )
  await request('POST', '/bulk/resume', { filter: {}, note: 'go on' }, as)
  const { body: events } = await request('GET', '/schedules/x/events', undefined, as)
  t.same(
    events.data.map(({ event_type, changed_by, note }: Record<string, unknown>) => [event_type, changed_by, note]),
    [
      ['resumed', 'api:deploy', 'go on'],
      ['backfilled', 'api:deploy', null],
      ['retried', 'api:deploy', null],
      ['cancelled', 'api:deploy', null],
      ['triggered', 'api:deploy', null],
      ['paused', 'api:deploy', 'why'],
      ['created', 'api:deploy', null],
    ],
  )
  t.same(events.data[4].changes, { run_id: { to: body.data.id } })
  await request('DELETE', '/schedules/x', undefined, as)
  const { schedule_id: id } = await row<{ schedule_id: string }>(
    'select schedule_id from pgbeat.schedule_events limit 1',
  )
  const { body: afterwards } = await request('GET', `/schedules/${id}/events`, undefined, as)
  t.match(afterwards, { data: [{ event_type: 'deleted' }], meta: { total: 8 } }, 'also when it is gone')
})

t.test('a key that is revoked lets nobody in any more, and the API stays closed', async (t) => {
  const { db, connectionString } = await testApi(t)
  const { token, key } = await addKey(db, 'one', 'viewer')
  const { request } = await serveOn(t, { connectionString })
  const asOne = (request: Request) => request('GET', '/schedules', undefined, { authorization: `Bearer ${token}` })
  t.equal((await asOne(request)).status, 200)
  await revokeKey(db, key.id)
  const later = await serveOn(t, { connectionString })
  t.match(await asOne(later.request), { status: 401, body: { code: 'unauthorized' } })
  const without = await later.request('GET', '/schedules')
  t.equal(without.status, 401)
  t.equal(without.headers.get('www-authenticate'), 'Bearer')
})

t.test('requests are counted by key, and by address where there is none', async (t) => {
  const { db, connectionString } = await testApi(t)
  const [one, other] = await Promise.all([addKey(db, 'one'), addKey(db, 'other')])
  const { request } = await serveOn(t, { connectionString, rateLimit: 3 })
  const as = async ({ token }: { token: string }) =>
    (await request('GET', '/leader', undefined, { authorization: `Bearer ${token}` })).status
  t.same([await as(one), await as(one), await as(one), await as(one)], [200, 200, 200, 429])
  t.equal(await as(other), 200, 'the other one is not concerned')
  for (const token of ['junk', 'more-junk', 'pgb_junk']) t.equal(await as({ token }), 401)
  t.equal(await as({ token: 'junk' }), 429, 'junk counts by address')
  t.equal(await as(other), 200, 'and locks out nobody who has a key')
  const limited = await request('GET', '/leader')
  t.match(limited, { status: 429, body: { code: 'rate_limited' } })
  t.match(limited.headers.get('retry-after'), /^\d+$/)
  t.equal((await request('GET', '/healthz')).status, 200, 'probes are not counted')
})

t.test('a running API is told of a key that is revoked', async (t) => {
  const { db, request } = await testApi(t, { keysTrustedForMs: 3_600_000 })
  const { token, key } = await addKey(db, 'one', 'viewer')
  const status = async () =>
    (await request('GET', '/schedules', undefined, { authorization: `Bearer ${token}` })).status
  t.equal(await status(), 200)
  await revokeKey(db, key.id)
  while ((await status()) === 200) {}
  t.equal(await status(), 401)
})

t.test('an address that others reach takes a key, always', async (t) => {
  const { connectionString, db, pool } = await testApi(t)
  const host = '0.0.0.0'
  const diagnose = () => ownReport(connectionString, {})
  const options = { connectionString, host, port: 0, rateLimit: 0, log: pino({ level: 'silent' }), diagnose }
  await t.rejects(runApi(options), ListenError)
  const { token } = await addKey(db, 'one', 'viewer')
  const api = await runApi(options)
  t.teardown(() => api.stop())
  const port = new URL(api.url).port
  const address = Object.values(networkInterfaces())
    .flat()
    .find((found) => found?.family === 'IPv4')?.address
  const get = (headers: Record<string, string>) => fetch(`http://${address}:${port}/api/v1/schedules`, { headers })
  t.equal((await get({})).status, 401)
  t.equal((await get({ authorization: `Bearer ${token}`, origin: 'https://pages.example' })).status, 200)
  await pool.query('delete from pgbeat.api_keys')
  const reopened = await serveOn(t, { connectionString })
  t.equal((await reopened.request('GET', '/schedules')).status, 200, 'loopback is open again')
  t.equal((await get({})).status, 401, 'and this is not')
})
