import t from 'tap'
import { isToken } from '../../src/http/access/api-token.ts'
import { listKeys } from '../../src/store/api-keys.ts'
import { addKey } from '../support/api-keys.ts'
import { serveOn, testApi } from './api.ts'

t.test('the first key closes the API, and says so', async (t) => {
  const { connectionString, pool, row, request } = await testApi(t)
  const other = await serveOn(t, { connectionString, keysTrustedForMs: 3_600_000 })
  t.equal((await other.request('GET', '/leader')).status, 200)
  t.match(await request('GET', '/keys'), { status: 200, body: { data: [], meta: { is_bounded: false } } })
  const { status, body } = await request('POST', '/keys', { name: 'ann', role: 'admin' })
  t.equal(status, 201)
  t.match(body.data, { name: 'ann', role: 'admin', status: 'active', created_by: 'api', expires_at: null })
  t.equal(body.data.is_first, true)
  t.ok(isToken(body.data.token) && body.data.token.startsWith(body.data.prefix))
  t.equal((await request('GET', '/leader')).status, 401, 'at once')
  while ((await other.request('GET', '/leader')).status !== 401) {}

  const as = { authorization: `Bearer ${body.data.token}` }
  const second = await request('POST', '/keys', { role: 'viewer', expires_at: '2999-01-01T00:00:00+09:00' }, as)
  t.match(second.body.data, { name: /^viewer-[0-9a-f]{8}$/, expires_at: '2998-12-31T15:00:00.000Z', is_first: false })
  t.match(second.body.data, { created_by: 'api:ann' })
  const { body: list } = await request('GET', '/keys', undefined, as)
  t.match(list.data, [{ id: second.body.data.id }, { id: body.data.id, last_used_at: null }])
  t.notMatch(JSON.stringify(list), /hash|token/)
  t.notOk(JSON.stringify(list).includes(body.data.token))
  const { rows } = await pool.query('select * from pgbeat.idempotency_keys')
  t.same(rows, [])
  t.match(await row('select count(*)::int from pgbeat.api_keys'), { count: 2 })
})

t.test('a key is revoked for good, by its id or name', async (t) => {
  const { db, request } = await testApi(t, { keysTrustedForMs: 3_600_000 })
  const { token } = await addKey(db, 'ann', 'admin')
  const ben = await addKey(db, 'ben', 'viewer')
  const as = { authorization: `Bearer ${token}` }
  const asBen = { authorization: `Bearer ${ben.token}` }
  t.equal((await request('GET', '/leader', undefined, asBen)).status, 200)
  const revoked = await request('POST', `/keys/${ben.key.id}/revoke`, undefined, as)
  t.match(revoked, { status: 200, body: { data: { name: 'ben', status: 'revoked', revoked_at: /^2/ } } })
  t.equal((await request('GET', '/leader', undefined, asBen)).status, 401, 'at once')
  t.same((await request('POST', '/keys/ben/revoke', undefined, as)).body, revoked.body, 'once more changes nothing')
  t.match(await request('POST', '/keys/nobody/revoke', undefined, as), { status: 404, body: { code: 'key_not_found' } })
})

t.test('the last admin is revoked only when that is meant, and the API stays closed', async (t) => {
  const { db, pool, request } = await testApi(t, { keysTrustedForMs: 3_600_000 })
  const { token, key } = await addKey(db, 'ann', 'admin')
  const as = { authorization: `Bearer ${token}` }
  const revoke = (ref: string, query = '') => request('POST', `/keys/${ref}/revoke${query}`, undefined, as)
  await addKey(db, 'op', 'operator')
  const ben = await addKey(db, 'ben', 'admin')
  await addKey(db, 'late', 'admin')
  t.match((await revoke('ben')).body.data, { status: 'revoked', is_admin_left: true })
  await pool.query(`
    update pgbeat.api_keys set created_at = now() - interval '2 days', expires_at = now() - interval '1 day'
    where name = 'late'`)
  const refused = { status: 409, body: { code: 'last_admin_key', detail: /^ann .*keys create.*force=true/ } }
  t.match(await revoke('ann'), refused, 'one that has expired is none')
  t.match(await revoke(key.id.toUpperCase(), '?force=false'), refused)
  t.equal((await request('GET', '/keys', undefined, as)).status, 200, 'nothing was done')
  t.same(
    (await pool.query(`select from pgbeat.system_events where subject_name = 'ann' and event_type <> 'key_created'`))
      .rows,
    [],
  )
  for (const other of ['op', 'late', ben.key.id]) {
    t.match((await revoke(other)).body.data, { status: 'revoked', is_admin_left: true }, other)
  }
  t.match(await revoke('ann', '?force=perhaps'), { status: 422, body: { errors: [{ field: 'force' }] } })
  t.match(await revoke('ann', '?force=true'), {
    status: 200,
    body: { data: { name: 'ann', status: 'revoked', is_admin_left: false } },
  })
  t.equal((await request('GET', '/keys', undefined, as)).status, 401)
  t.equal((await request('GET', '/keys')).status, 401)
})

t.test('two admins who revoke each other at once leave one', async (t) => {
  const { connectionString, db, request } = await testApi(t)
  const [ann, ben] = [await addKey(db, 'ann', 'admin'), await addKey(db, 'ben', 'admin')]
  const other = await serveOn(t, { connectionString })
  const as = ({ token }: { token: string }) => ({ authorization: `Bearer ${token}` })
  const answers = await Promise.all([
    request('POST', '/keys/ben/revoke', undefined, as(ann)),
    other.request('POST', '/keys/ann/revoke', undefined, as(ben)),
  ])
  t.equal(answers.filter(({ status }) => status === 200).length, 1)
  t.equal((await listKeys(db)).filter(({ status }) => status === 'active').length, 1)
})

t.test('says what can be no key, and keeps no secret to repeat it', async (t) => {
  const { db, pool, request } = await testApi(t)
  const { token } = await addKey(db, 'taken', 'admin')
  const as = { authorization: `Bearer ${token}` }
  const refused = async (body: unknown, headers = {}) => {
    const answer = await request('POST', '/keys', body, { ...as, ...headers })
    return `${answer.status} ${answer.body.code} ${answer.body.errors?.[0]?.field}`
  }
  t.equal(await refused({ name: 'taken', role: 'viewer' }), '409 name_taken name')
  t.equal(await refused({ name: ' blank ', role: 'viewer' }), '422 invalid_request name')
  t.equal(await refused({ name: 'x'.repeat(201), role: 'viewer' }), '422 invalid_request name')
  t.equal(await refused({ name: 'x' }), '422 invalid_request role')
  t.equal(await refused({ role: 'root' }), '422 invalid_request role')
  t.equal(await refused({ role: 'viewer', expires_at: '2001-01-01T00:00:00Z' }), '422 invalid_request expires_at')
  t.equal(await refused({ role: 'viewer' }, { 'idempotency-key': 'a' }), '422 invalid_request Idempotency-Key')
  const logIn = await request('POST', '/session', { key: token }, { 'idempotency-key': 'a' })
  t.match(logIn, { status: 422, body: { errors: [{ field: 'Idempotency-Key' }] } })
  t.same((await pool.query('select from pgbeat.idempotency_keys')).rows, [])
  t.same((await pool.query('select name from pgbeat.api_keys')).rows, [{ name: 'taken' }])
})
