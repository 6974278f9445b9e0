import t from 'tap'
import { revokeKey } from '../../src/store/api-keys.ts'
import { addKey } from '../support/api-keys.ts'
import { testApi } from './api.ts'

t.test('a browser logs in with a key, and sends a cookie that no script can read', async (t) => {
  const { request, db } = await testApi(t)
  const { token, key } = await addKey(db, 'ann', 'operator')
  t.match((await request('GET', '/session')).body.data, {
    is_open: false,
    kind: null,
    name: null,
    role: null,
    actor: null,
  })
  t.equal((await request('GET', '/schedules')).status, 401)
  t.match(await request('POST', '/session', { key: `${token}x` }), { status: 401, body: { code: 'unauthorized' } })
  const answer = await request('POST', '/session', { key: token })
  t.match(answer, {
    status: 200,
    body: { data: { is_open: false, kind: 'key', name: 'ann', role: 'operator', actor: 'api:ann' } },
  })
  const cookie = answer.headers.get('set-cookie') ?? ''
  t.match(cookie, /^pgbeat_session=.*; Path=\/; HttpOnly; SameSite=Strict$/)
  const asPage = { cookie: `other=1; ${cookie.split(';')[0]}` }
  t.match((await request('GET', '/session', undefined, asPage)).body.data, {
    name: 'ann',
    role: 'operator',
    actor: 'api:ann',
  })
  t.equal((await request('GET', '/schedules', undefined, asPage)).status, 200)
  t.equal((await request('POST', '/schedules', { task_name: 'echo', every: 60 }, asPage)).status, 403, 'its role holds')
  await revokeKey(db, key.id)
  await request('GET', '/schedules', undefined, asPage)
  const out = await request('DELETE', '/session', undefined, asPage)
  t.match(out.headers.get('set-cookie'), /^pgbeat_session=; .*Max-Age=0$/)
})

t.test("another site's page can't use it, and a key in the header wins", async (t) => {
  const { request, db, url } = await testApi(t)
  const admin = await addKey(db, 'admin', 'admin')
  const viewer = await addKey(db, 'viewer')
  const cookie = `pgbeat_session=${admin.token}`
  const send = (headers: Record<string, string>) => request('GET', '/schedules', undefined, { cookie, ...headers })
  t.equal((await send({ origin: url })).status, 200)
  t.match(await send({ origin: 'http://evil.example' }), { status: 403, body: { code: 'foreign_origin' } })
  t.equal((await send({ 'sec-fetch-site': 'same-site' })).status, 403)
  t.equal((await send({ 'sec-fetch-site': 'same-origin' })).status, 200)
  const asViewer = { cookie, authorization: `Bearer ${viewer.token}` }
  t.equal((await request('POST', '/schedules', { task_name: 'echo', every: 60 }, asViewer)).status, 403)
  t.equal((await send({ authorization: 'Bearer nonsense' })).status, 401)
})

t.test('behind TLS the cookie is for TLS only, and where there are no keys nobody needs one', async (t) => {
  const { request, db } = await testApi(t)
  t.match((await request('GET', '/session')).body.data, {
    is_open: true,
    kind: 'anybody',
    name: 'api',
    role: 'admin',
    actor: 'api',
  })
  const { token } = await addKey(db, 'ann')
  const answer = await request('POST', '/session', { key: token }, { 'x-forwarded-proto': 'https' })
  t.match(answer.headers.get('set-cookie'), /; Secure$/)
})
