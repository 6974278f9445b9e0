import t, { type Test } from 'tap'
import { createHttpRequest } from '../../../src/tasks/http/task.ts'
import { runTask } from '../../../src/testing/run-task.ts'
import { receiver } from './server.ts'

const task = createHttpRequest({
  environment: () => ({
    PGBEAT_HTTP_ALLOW: '127.0.0.1',
    PGBEAT_HTTP_SECRETS: 'TOKEN@127.0.0.1,KEY',
    TOKEN: 'Bearer hush',
    KEY: 'signing key',
  }),
})

/** A server that answers with a redirect at /go, and with 200 elsewhere. */
function redirecting(t: Test, status: number, location: string | (() => string)) {
  return receiver(t, (response, { url }) => {
    if (url !== '/go') return response.end('arrived')
    return response.writeHead(status, { location: typeof location === 'string' ? location : location() }).end()
  })
}

t.test('redirects within a server are followed, with all that was sent', async (t) => {
  const headers = { 'X-Key': 'a' }
  for (const [status, method, then] of [
    [301, 'GET', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [307, 'POST', 'POST'],
    [308, 'PUT', 'PUT'],
    [302, 'DELETE', 'DELETE'],
  ] as const) {
    const { url, received } = await redirecting(t, status, '/there?x=1')
    const json = ['POST', 'PUT'].includes(method) ? { json: 1 } : {}
    const { result } = await runTask(task, { url: `${url}/go`, method, headers, ...json })
    t.match(result, { status: 200, url: `${url}/there?x=1`, redirects: 1 })
    const body = then === 'GET' || then === 'DELETE' ? '' : '1'
    t.match(received[1], { method: then, body, headers: { 'x-key': 'a' } }, `${status} ${method}`)
  }
})

t.test('another server gets nothing that may be a secret', async (t) => {
  const other = await receiver(t)
  const { url } = await redirecting(t, 302, () => `${other.url}/there`)
  await runTask(task, {
    url: `${url}/go`,
    method: 'POST',
    json: { a: 1 },
    headers: { 'X-Api-Key': 'plain', Cookie: 'a=1', Accept: 'text/html' },
    secret_headers: { Authorization: 'TOKEN' },
    signature: { secret: 'KEY' },
  })
  const [{ method, body, headers } = { method: '', body: '', headers: {} }] = other.received
  t.same([method, body], ['GET', ''])
  t.same(Object.keys(headers).sort(), ['accept', 'connection', 'host', 'user-agent'])
})

t.test('a body is not handed on to another server', async (t) => {
  const other = await receiver(t)
  const { url } = await redirecting(t, 307, () => other.url)
  await t.rejects(runTask(task, { url: `${url}/go`, method: 'POST', json: 1 }), {
    name: 'PermanentError',
    code: 'redirect_refused',
  })
  t.same(other.received, [])
})

t.test('refuses to be led to anything but http, or with a password', async (t) => {
  for (const location of ['file:///etc/passwd', 'ftp://127.0.0.1/', 'http://a:b@127.0.0.1/', 'http://']) {
    const { url } = await redirecting(t, 302, location)
    await t.rejects(runTask(task, { url: `${url}/go` }), { code: 'redirect_refused' }, location)
  }
})

t.test('refuses to be led to an address that is not allowed', async (t) => {
  for (const location of [
    'http://127.0.0.2/',
    'http://169.254.169.254/latest/meta-data',
    'http://[::1]/',
    '//10.0.0.1/',
  ]) {
    const { url } = await redirecting(t, 302, location)
    await t.rejects(runTask(task, { url: `${url}/go` }), { code: 'address_refused' }, location)
  }
})

t.test('follows as many as it may, and then what it got is the answer', async (t) => {
  const { url, received } = await receiver(t, (response) => response.writeHead(302, { location: '/again' }).end())
  await t.rejects(runTask(task, { url }), { name: 'PermanentError', code: 'http_302' })
  t.equal(received.length, 4)
  const { result } = await runTask(task, {
    url,
    max_redirects: 0,
    success_statuses: ['302'],
    keep_headers: ['location'],
  })
  t.match(result, { status: 302, redirects: 0, headers: { location: '/again' } })
})
