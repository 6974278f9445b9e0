import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import t from 'tap'
import { PermanentError, RetryLaterError } from '../../../src/errors.ts'
import { TransientError } from '../../../src/tasks/http/failures.ts'
import { createHttpRequest } from '../../../src/tasks/http/task.ts'
import { runTask } from '../../../src/testing/run-task.ts'
import { receiver } from './server.ts'

const now = Date.parse('2026-11-22T12:00:00Z')

const task = createHttpRequest({ environment: () => ({ PGBEAT_HTTP_ALLOW: '127.0.0.1' }), now: () => now })

t.test('sends what it is told to, and keeps what is asked for', async (t) => {
  const { url, received } = await receiver(t, (response) => {
    response.writeHead(201, {
      'Content-Type': 'application/json; charset=utf-8',
      'X-Trace': 'abc',
      'Set-Cookie': 'key=1',
    })
    response.end('{"id": 7}')
  })
  const payload = {
    url: `${url}/orders?dry=1`,
    method: 'POST',
    headers: { 'X-Team': 'night', accept: 'application/json' },
    json: { item: '株式' },
    keep_headers: ['X-Trace', 'content-type'],
  }
  const { result, logs } = await runTask(task, payload, { run: { id: '42', scheduleId: 'schedule', attempt: 2 } })
  t.match(result, {
    status: 201,
    url: `${url}/orders?dry=1`,
    redirects: 0,
    headers: { 'x-trace': 'abc', 'content-type': 'application/json; charset=utf-8' },
    body: { id: 7 },
    truncated: false,
    duration_ms: Number,
  })
  t.notOk(JSON.stringify(result).includes('key=1'))
  t.match(received, [
    {
      method: 'POST',
      path: '/orders?dry=1',
      body: '{"item":"株式"}',
      headers: {
        'x-team': 'night',
        accept: 'application/json',
        'content-type': 'application/json',
        'idempotency-key': 'schedule-42',
        'x-pgbeat-run': '42',
        'x-pgbeat-attempt': '2',
        'user-agent': 'pgbeat',
        'accept-encoding': 'identity',
      },
    },
  ])
  t.match(logs, [{ level: 'info', message: 'answered', fields: { status: 201 } }])
})

t.test('sends text, and headers of the payload win whatever their case', async (t) => {
  const { url, received } = await receiver(t)
  await runTask(task, {
    url,
    method: 'PUT',
    body: 'a=1',
    headers: { 'CONTENT-TYPE': 'application/x-www-form-urlencoded', 'idempotency-key': 'mine' },
  })
  t.match(received, [
    { body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded', 'idempotency-key': 'mine' } },
  ])
})

t.test('keeps of the body what can be kept', async (t) => {
  const bodies: Record<string, [string | undefined, Buffer | string]> = {
    '/long': ['application/json', '"0123456789"'],
    '/cut': ['text/plain', '012345678€'],
    '/null': ['application/json', '"\\u0000"'],
    '/zero': ['text/plain', 'a\0b'],
    '/half': ['application/json', '["\\ud800"]'],
    '/broken': ['application/json', '{'],
    '/picture': ['image/png', Buffer.from([0x89, 0x50, 0xff])],
    '/none': [undefined, ''],
  }
  const { url } = await receiver(t, (response, { url: path = '' }) => {
    const [type, body] = bodies[path] ?? []
    if (type !== undefined) response.setHeader('content-type', type)
    response.end(body)
  })
  const kept = async (path: string) => {
    const { body, truncated } = (await runTask(task, { url: url + path, keep_bytes: 10 })).result as {
      body: unknown
      truncated: boolean
    }
    return [body, truncated]
  }
  t.same(await kept('/long'), ['"012345678', true])
  t.same(await kept('/cut'), ['012345678', true])
  t.same(await kept('/null'), ['"\\u0000"', false])
  t.same(await kept('/zero'), ['a\ufffdb', false])
  t.same(await kept('/half'), ['["\\ud800"]', false])
  t.same(await kept('/broken'), ['{', false])
  t.same(await kept('/picture'), [null, false])
  t.same(await kept('/none'), ['', false])
})

t.test('reads no more of an endless body than it keeps', async (t) => {
  const { url } = await receiver(t, (response) => {
    const more = () => {
      while (response.write('x'.repeat(65_536))) {}
    }
    response.on('drain', more)
    more()
  })
  t.match((await runTask(task, { url, keep_bytes: 100 })).result, { body: 'x'.repeat(100), truncated: true })
})

async function failure(payload: object, options: { signal?: AbortSignal } = {}): Promise<Error> {
  return runTask(task, payload, options).then(
    () => new Error('it did not fail'),
    (error: Error) => error,
  )
}

t.test('classifies what is no success', async (t) => {
  const { url } = await receiver(t, (response, { url: path = '' }) => {
    const [, status, retryAfter] = decodeURIComponent(path).split('/')
    response.writeHead(Number(status), retryAfter ? { 'Retry-After': retryAfter } : {}).end('so  it\nis')
  })
  for (const status of [400, 401, 404, 409, 422]) {
    const error = await failure({ url: `${url}/${status}` })
    t.type(error, PermanentError)
    t.match(error, { code: `http_${status}`, message: `the answer is ${status}: so it is` })
  }
  for (const status of [408, 429, 500, 502, 503, 599]) {
    const error = await failure({ url: `${url}/${status}` })
    t.type(error, TransientError, `${status}`)
    t.match(error, { code: `http_${status}` })
  }
  for (const [retryAfter, delayMs] of [
    ['7', 7_000],
    ['Sun, 22 Nov 2026 12:01:00 GMT', 60_000],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['99999999', 86_400_000],
  ] as const) {
    for (const status of [429, 503]) {
      const error = await failure({ url: `${url}/${status}/${encodeURIComponent(retryAfter)}` })
      t.type(error, RetryLaterError)
      t.match(error, { code: `http_${status}`, delayMs })
    }
  }
  t.type(await failure({ url: `${url}/503/soon` }), TransientError, 'a delay that nobody can read')
})

t.test('what a status means can be chosen', async (t) => {
  const { url } = await receiver(t, (response, { url: path = '' }) => response.writeHead(Number(path.slice(1))).end())
  t.match((await runTask(task, { url: `${url}/404`, success_statuses: ['200-299', '404'] })).result, { status: 404 })
  t.type(await failure({ url: `${url}/204`, success_statuses: ['200'] }), PermanentError)
  t.type(await failure({ url: `${url}/409`, retry_statuses: ['409'] }), TransientError)
  t.type(await failure({ url: `${url}/500`, retry_statuses: [] }), PermanentError)
})

t.test('a server that can not be reached, hangs up or is silent is tried again', async (t) => {
  const server = createServer((socket) => socket.destroy())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  t.match(await failure({ url: `http://127.0.0.1:${port}/` }), { name: 'TransientError', code: 'network' })
  server.close()
  await once(server, 'close')
  t.match(await failure({ url: `http://127.0.0.1:${port}/` }), {
    name: 'TransientError',
    code: 'network',
    message: /ECONNREFUSED/,
  })
  const { url } = await receiver(t, () => {})
  t.match(await failure({ url, timeout_seconds: 0.05 }), { name: 'TransientError', code: 'timeout' })
  const slow = await receiver(t, (response) => response.write('a beginning'))
  t.match(await failure({ url: slow.url, timeout_seconds: 0.2 }), { name: 'TransientError', code: 'timeout' })
})

t.test('ends when it is told to', async (t) => {
  const stopping = new AbortController()
  const { url } = await receiver(t, () => stopping.abort(new Error('stop')))
  t.match(await failure({ url }, { signal: stopping.signal }), { message: 'stop' })
  t.match(await failure({ url }, { signal: stopping.signal }), { message: 'stop' })
})

t.test('refuses a payload that makes no request', async (t) => {
  for (const [payload, message] of [
    [{}, /url/],
    [{ url: 'ftp://example.com' }, /must be an http or https URL/],
    [{ url: 'file:///etc/passwd' }, /must be an http or https URL/],
    [{ url: 'https://me:secret@example.com' }, /must not have a user or password/],
    [{ url: 'https://example.com', headers: { Host: 'other' } }, /only the task itself sends/],
    [{ url: 'https://example.com', headers: { 'Transfer-Encoding': 'chunked' } }, /only the task itself sends/],
    [{ url: 'https://example.com', headers: { 'X-A': 'a\r\nB: b' } }, /a header can not have/],
    [{ url: 'https://example.com', headers: { 'X A': 'a' } }, /not a name/],
    [{ url: 'https://example.com', method: 'POST', json: 1, body: '1' }, /together/],
    [{ url: 'https://example.com', body: '1' }, /must not be GET/],
    [{ url: 'https://example.com', method: 'CONNECT' }, /method/],
    [{ url: 'https://example.com', success_statuses: ['2xx'] }, /must be a status/],
    [{ url: 'https://example.com', keep_headers: ['Set-Cookie'] }, /never kept/],
  ] as const) {
    t.match(await failure(payload), { code: 'invalid_payload', message }, JSON.stringify(payload))
  }
})
