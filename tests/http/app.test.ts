import { request } from 'node:http'
import { pino } from 'pino'
import t from 'tap'
import { ownReport } from '../../src/cli/own-report.ts'
import { ListenError } from '../../src/http/listen.ts'
import { runApi } from '../../src/http/run-api.ts'
import { openSession } from '../../src/store/database.ts'
import { testApi } from './api.ts'

/** The status of a GET with headers that fetch would not let us set. */
function statusWith(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

t.test("a web page in a browser on this machine can't drive it", async (t) => {
  const { url } = await testApi(t)
  const schedules = `${url}/api/v1/schedules`
  t.equal(await statusWith(schedules, {}), 200)
  t.equal(await statusWith(schedules, { host: 'localhost:8000', origin: 'http://localhost:8000' }), 200)
  t.equal(await statusWith(schedules, { host: 'localhost:8000', origin: 'http://localhost:3000' }), 403, 'another port')
  t.equal(await statusWith(schedules, { 'sec-fetch-site': 'cross-site' }), 403, 'an image of a page elsewhere')
  t.equal(await statusWith(schedules, { 'sec-fetch-site': 'same-origin' }), 200)
  t.equal(await statusWith(schedules, { host: 'evil.example:8000' }), 403, 'a name of its own that resolves here')
  t.equal(await statusWith(schedules, { origin: 'https://evil.example' }), 403)
  t.equal(await statusWith(schedules, { origin: 'null' }), 403)
})

t.test('healthz tells whether Postgres is there', async (t) => {
  const api = await testApi(t)
  t.equal(await statusWith(`${api.url}/healthz`, {}), 200)
  t.match(await api.request('GET', '/readyz'), { status: 200, body: { status: 'ready' } })
  t.match(await api.request('GET', '/metrics'), { status: 200, body: /^pgbeat_database_up 1$/m })
  const elsewhere = new URL(api.connectionString)
  elsewhere.pathname = '/postgres'
  const admin = await openSession(elsewhere.href, 'test')
  await admin.query(`alter database ${api.name} allow_connections false`)
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [api.name])
  t.equal(await statusWith(`${api.url}/healthz`, {}), 503)
  t.match(await api.request('GET', '/readyz'), {
    status: 503,
    body: { status: 'not_ready', checks: { database: 'unreachable', migrations: 'unknown' } },
  })
  t.match(await api.request('GET', '/metrics'), { status: 200, body: /^pgbeat_database_up 0$/m })
  t.match(await api.request('GET', '/schedules'), { status: 503, body: { code: 'database_unavailable' } })
  await admin.query(`alter database ${api.name} allow_connections true`)
  t.equal(await statusWith(`${api.url}/healthz`, {}), 200, 'and finds it again')
  await admin.end()
})

t.test('readyz tells whether the database has what this version needs', async (t) => {
  const { request, pool } = await testApi(t)
  await pool.query(`delete from pgbeat.migrations where name = (select max(name) from pgbeat.migrations)`)
  t.match(await request('GET', '/readyz'), {
    status: 503,
    body: { status: 'not_ready', checks: { database: 'up', migrations: 'pending' } },
  })
  t.match(await request('GET', '/healthz'), { status: 200, body: { status: 'ok' } })
})

t.test("it says why it can't listen", async (t) => {
  const { url, connectionString } = await testApi(t)
  const diagnose = () => ownReport(connectionString, {})
  const options = { connectionString, rateLimit: 0, log: pino({ level: 'silent' }), diagnose }
  const port = Number(new URL(url).port)
  await t.rejects(runApi({ ...options, host: '127.0.0.1', port }), { name: 'ListenError', message: /PGBEAT_PORT/ })
  await t.rejects(runApi({ ...options, host: '0.0.0.0', port: 0 }), ListenError, 'open to others without keys')
})
