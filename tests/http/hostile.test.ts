import { request as rawRequest } from 'node:http'
import { gzipSync } from 'node:zlib'
import { pino } from 'pino'
import t from 'tap'
import { testApi } from './api.ts'

interface RawAnswer {
  readonly status: number | undefined
  readonly headers: Record<string, string | string[] | undefined>
  // biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the server says; tests match parts of it
  readonly body: any
}

/** A request as no well-behaved client makes it. */
function raw(
  url: string,
  method: string,
  headers: Record<string, string> = {},
  body: Buffer | string = '',
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    rawRequest(url, { method, headers }, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString()
      const isJson = /json/.test(response.headers['content-type'] ?? '')
      const parsed = isJson && text !== '' ? JSON.parse(text) : text
      resolve({ status: response.statusCode, headers: response.headers, body: parsed })
    })
      .on('error', reject)
      .end(body)
  })
}

const json = { 'content-type': 'application/json' }
const whole = { task_name: 'echo', cron_expression: '0 * * * *' }

t.test("a body that can't be read", async (t) => {
  const { url, row } = await testApi(t)
  const schedules = `${url}/api/v1/schedules`
  const post = (headers: Record<string, string>, body: Buffer | string) => raw(schedules, 'POST', headers, body)
  const text = JSON.stringify(whole)
  for (const [name, answer, status, code] of [
    [
      'no UTF-8',
      await post(json, Buffer.from(`{"name": "\xff", ${text.slice(1)}`, 'latin1')),
      400,
      'malformed_request',
    ],
    ['cut off', await post(json, text.slice(0, -1)), 400, 'malformed_request'],
    ['not JSON', await post(json, 'name=x'), 400, 'malformed_request'],
    ['nothing', await post(json, ''), 422, 'invalid_request'],
    [
      'UTF-16',
      await post({ 'content-type': 'application/json; charset=utf-16le' }, Buffer.from(text, 'utf16le')),
      415,
      'unsupported_media_type',
    ],
    [
      'a form',
      await post({ 'content-type': 'application/x-www-form-urlencoded' }, 'name=x'),
      415,
      'unsupported_media_type',
    ],
    ['of no type', await post({}, text), 415, 'unsupported_media_type'],
    [
      'of an unknown encoding',
      await post({ ...json, 'content-encoding': 'rot13' }, text),
      415,
      'unsupported_media_type',
    ],
    ['falsely zipped', await post({ ...json, 'content-encoding': 'gzip' }, text), 400, 'malformed_request'],
    ['too large', await post(json, JSON.stringify({ ...whole, payload: 'x'.repeat(2 ** 20) })), 413, 'body_too_large'],
    [
      'too large unzipped',
      await post({ ...json, 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(2 ** 24, ' '))),
      413,
      'body_too_large',
    ],
    [
      'too large in chunks',
      await post({ ...json, 'transfer-encoding': 'chunked' }, ' '.repeat(2 ** 21)),
      413,
      'body_too_large',
    ],
    ['too deep', await post(json, `${'['.repeat(100_000)}${']'.repeat(100_000)}`), 422, 'invalid_request'],
    [
      'a payload too deep',
      await post(json, `{"payload": ${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}, ${text.slice(1)}`),
      422,
      'invalid_request',
    ],
    ['half a character', await post(json, `{"name": "\\ud800", ${text.slice(1)}`), 422, 'invalid_request'],
    [
      'a key that is half a character',
      await post(json, `{"payload": {"\\udc00": 1}, ${text.slice(1)}`),
      422,
      'invalid_request',
    ],
    ['a number too large', await post(json, `{"payload": 1e999, ${text.slice(1)}`), 422, 'invalid_request'],
    ['its prototype', await post(json, `{"__proto__": {"enabled": false}, ${text.slice(1)}`), 422, 'invalid_request'],
  ] as const) {
    t.match(answer, { status, body: { status, code, request_id: String } }, name)
    t.match(answer.headers, { 'content-type': /^application\/problem\+json/ }, name)
    t.notMatch(JSON.stringify(answer.body), /node_modules|\.ts:|at \w+ \(/, 'without a stack')
  }
  t.match(await row('select count(*)::int from pgbeat.schedules'), { count: 0 })
})

t.test('SQL where values are expected is a value', async (t) => {
  const { url, request, pool, row } = await testApi(t)
  await request('POST', '/schedules', { ...whole, name: 'one' })
  const parameters = [
    'search',
    'category',
    'task_name',
    'tags',
    'cursor',
    'sort',
    'status',
    'schedule_id',
    'reason',
    'origin',
    'event_type',
    'changed_by',
  ]
  for (const injection of [
    "'; drop table pgbeat.schedules cascade; --",
    "' or '1'='1",
    "') union select * from pgbeat.api_keys --",
    '1; select pg_sleep(10)',
    "\\'; truncate pgbeat.runs; --",
    '%',
    '$1',
    ':name',
  ]) {
    const text = encodeURIComponent(injection)
    for (const path of [`/schedules/${text}`, `/runs/${text}`, `/backfills/${text}`, `/schedules/${text}/runs`]) {
      const { status } = await raw(`${url}/api/v1${path}`, 'GET')
      t.equal(status, 404, `${path}`)
    }
    for (const parameter of parameters) {
      for (const list of ['schedules', 'runs', 'audit']) {
        const { status, body } = await raw(`${url}/api/v1/${list}?${parameter}=${text}`, 'GET')
        t.ok(status === 422 || (status === 200 && body.data.length === 0), `${list}?${parameter}=${injection}`)
      }
    }
    t.equal((await request('POST', '/bulk/delete', { ids: [injection] })).body.data.matched, 0)
    t.equal((await request('POST', '/schedules', { ...whole, name: injection.trim() })).status, 201)
    t.match(await row('select name from pgbeat.schedules where name = $1', [injection]), { name: injection })
    await pool.query(`delete from pgbeat.schedules where name <> 'one'`)
  }
  t.match(await row('select count(*)::int from pgbeat.schedules'), { count: 1 })
})

t.test('a method that a path has not', async (t) => {
  const { url } = await testApi(t)
  for (const [method, path, allow] of [
    ['DELETE', '/api/v1/schedules', 'GET, HEAD, POST'],
    ['POST', '/api/v1/schedules/x', 'GET, HEAD, PUT, PATCH, DELETE'],
    ['GET', '/api/v1/schedules/x/trigger', 'POST'],
    ['PATCH', '/api/v1/runs', 'GET, HEAD'],
    ['TRACE', '/api/v1/runs', 'GET, HEAD'],
    ['PROPFIND', '/healthz', 'GET, HEAD'],
  ] as const) {
    const answer = await raw(`${url}${path}`, method)
    t.match(answer, { status: 405, headers: { allow }, body: { code: 'method_not_allowed' } }, `${method} ${path}`)
  }
  t.match(await raw(`${url}/api/v1/schedules`, 'HEAD'), { status: 200, body: '' })
  t.match(await raw(`${url}/api/v1/schedules`, 'OPTIONS'), { status: 204, headers: { allow: 'GET, HEAD, POST' } })
})

t.test("a path or query that can't be read", async (t) => {
  const { url } = await testApi(t)
  for (const [path, status] of [
    ['/api/v1/schedules/%E0%A4%A', 400],
    ['/api/v1/schedules/%ff/runs', 400],
    ['/api/v1/schedules?search=%ff', 400],
    ['/api/v1/schedules?search=%00', 422],
    ['/api/v1/schedules?per_page=1&per_page=2', 422],
    ['/api/v1/schedules?per_page=1e3', 422],
    ['/api/v1/schedules?per_page=', 422],
    ['/api/v1/schedules?page=99999999999999999999', 422],
    ['/api/v1/schedules?page=1000000', 422],
    ['/api/v1/schedules?surprise=1', 422],
    ['/api/v1/schedules?enabled_only=perhaps', 422],
    ['/api/v1/runs?from=yesterday', 422],
    ['/api/v1/schedules/%00', 404],
    ['/api/v1/schedules/..%2f..%2fetc%2fpasswd', 404],
    ['/api/v1/runs/9999999999999999999999', 404],
    ['/api/v1/Schedules', 404],
    ['/docs/assets/../package.json', 404],
    ['/docs/assets/index.html', 404],
    ['/docs/assets/%2e%2e/package.json', 404],
  ] as const) {
    t.match(await raw(`${url}${path}`, 'GET'), { status, body: { status, code: String } }, path)
  }
})

t.test('answers are for whoever asked, and nothing else', async (t) => {
  const { url } = await testApi(t)
  const { headers } = await raw(`${url}/api/v1/schedules`, 'GET')
  t.match(headers, {
    'content-security-policy': /^default-src 'none'/,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  })
  t.notOk('x-powered-by' in headers)
  t.notOk('access-control-allow-origin' in headers)
  const { headers: ofDocs } = await raw(`${url}/docs`, 'GET')
  t.match(ofDocs['content-security-policy'], /script-src 'self';/)
  t.notMatch(ofDocs['content-security-policy'], /https?:|unsafe-eval|\*/)
})

t.test('a request has an id, in the answer and in the log', async (t) => {
  const lines: { request_id?: string; msg: string }[] = []
  const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) })
  const { url } = await testApi(t, { log })
  const given = await raw(`${url}/api/v1/schedules/nobody`, 'GET', { 'x-request-id': 'from-the-proxy.1' })
  t.match(given, { headers: { 'x-request-id': 'from-the-proxy.1' }, body: { request_id: 'from-the-proxy.1' } })
  const unfit = await raw(`${url}/api/v1/schedules/nobody`, 'GET', { 'x-request-id': '"}{injected' })
  t.match(unfit.headers['x-request-id'], /^[0-9a-f-]{36}$/)
  const requests = lines.filter(({ msg }) => msg === 'request')
  t.match(requests, [
    {
      request_id: 'from-the-proxy.1',
      request: { method: 'GET', url: '/api/v1/schedules/nobody' },
      response: { status: 404 },
    },
    { request_id: unfit.headers['x-request-id'] },
  ])
})
