import t from 'tap'
import { forgetOldKeys } from '../../src/store/idempotency-keys.ts'
import { addKey } from '../support/api-keys.ts'
import { testApi } from './api.ts'

const hourly = { name: 'hourly', task_name: 'echo', cron_expression: '0 * * * *' }

t.test('If-Match: an edit of what somebody else has edited meanwhile fails, and changes nothing', async (t) => {
  const { request } = await testApi(t)
  const created = await request('POST', '/schedules', hourly)
  t.equal(created.headers.get('etag'), '"1"')
  const mine = { 'if-match': '"1"' }
  t.equal((await request('PATCH', '/schedules/hourly', { priority: 1 }, mine)).headers.get('etag'), '"2"')
  for (const [method, path, body] of [
    ['PATCH', '/schedules/hourly', { priority: 2 }],
    ['PATCH', '/schedules/hourly', {}],
    ['PUT', '/schedules/hourly', hourly],
    ['POST', '/schedules/hourly/pause', undefined],
    ['POST', '/schedules/hourly/resume', undefined],
    ['DELETE', '/schedules/hourly', undefined],
  ] as const) {
    const late = await request(method, path, body, mine)
    t.match(late, { status: 412, body: { code: 'revision_mismatch', errors: [{ field: 'If-Match' }] } }, method)
    t.equal(late.headers.get('etag'), '"2"', 'and says what it is now')
  }
  t.match(await request('GET', '/schedules/hourly'), { body: { data: { priority: 1, enabled: true, revision: 2 } } })
  const nonsense = await request('DELETE', '/schedules/hourly', undefined, { 'if-match': 'yesterday' })
  t.match(nonsense, { status: 422, body: { errors: [{ field: 'If-Match' }] } })
  for (const fits of ['*', '"1", "2"', '2', 'W/"2"']) {
    t.equal((await request('PATCH', '/schedules/hourly', {}, { 'if-match': fits })).status, 200, fits)
  }
  t.equal((await request('DELETE', '/schedules/hourly', undefined, { 'if-match': '"2"' })).status, 200)
  t.equal((await request('DELETE', '/schedules/hourly', undefined, { 'if-match': '"2"' })).status, 404)
})

t.test('Idempotency-Key: sent twice, done once, answered alike', async (t) => {
  const { request, row, db, pool } = await testApi(t)
  await request('POST', '/schedules', hourly)
  const once = { 'idempotency-key': 'one' }
  const first = await request('POST', '/schedules/hourly/trigger', {}, once)
  const again = await request('POST', '/schedules/hourly/trigger', {}, once)
  t.same([again.status, again.body], [first.status, first.body])
  t.equal(again.headers.get('location'), first.headers.get('location'))
  t.equal(first.headers.get('idempotency-replayed'), null)
  t.equal(again.headers.get('idempotency-replayed'), 'true')
  t.match(await row('select count(*)::int from pgbeat.runs'), { count: 1 })

  t.match(await request('POST', '/schedules/hourly/trigger', { payload: 1 }, once), {
    status: 422,
    body: { code: 'idempotency_key_reused' },
  })
  await pool.query(`update pgbeat.idempotency_keys set created_at = now() - interval '25 hours'`)
  await forgetOldKeys(db, 24 * 3_600_000)
  const later = await request('POST', '/schedules/hourly/trigger', {}, once)
  t.not(later.body.data.id, first.body.data.id, 'a day later it is new')
})

t.test('Idempotency-Key: what failed is done when it is sent again', async (t) => {
  const { request } = await testApi(t)
  const once = { 'idempotency-key': 'one' }
  t.equal((await request('POST', '/schedules/hourly/trigger', {}, once)).status, 404)
  await request('POST', '/schedules', hourly)
  t.equal((await request('POST', '/schedules/hourly/trigger', {}, once)).status, 202)
})

t.test('Idempotency-Key: many at the same time', async (t) => {
  const { request, row } = await testApi(t)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => request('POST', '/schedules', hourly, { 'idempotency-key': 'one' })),
  )
  t.same([...new Set(answers.map(({ status }) => status))], [201])
  t.equal(new Set(answers.map(({ body }) => body.data.id)).size, 1)
  t.equal(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null).length, 1)
  t.match(await row('select count(*)::int from pgbeat.schedules'), { count: 1 })
})

t.test('Idempotency-Key: it is of one caller, and of one request', async (t) => {
  const { request, db, row } = await testApi(t)
  const [one, other] = await Promise.all([addKey(db, 'one', 'admin'), addKey(db, 'other', 'admin')])
  const as = ({ token }: { token: string }, headers = {}) => ({
    authorization: `Bearer ${token}`,
    'idempotency-key': 'same',
    ...headers,
  })
  t.equal((await request('POST', '/schedules', { ...hourly, name: 'a' }, as(one))).status, 201)
  t.equal((await request('POST', '/schedules', { ...hourly, name: 'b' }, as(other))).status, 201)
  t.match(await row('select count(*)::int from pgbeat.schedules'), { count: 2 })
  const conditional = (revision: number) =>
    request(
      'PATCH',
      '/schedules/a',
      { priority: 1 },
      { ...as(one), 'idempotency-key': 'x', 'if-match': `"${revision}"` },
    )
  t.equal((await conditional(1)).status, 200)
  t.equal((await conditional(1)).headers.get('idempotency-replayed'), 'true')
  t.match(await conditional(2), { status: 422, body: { code: 'idempotency_key_reused' } })
})

t.test('Idempotency-Key: one that is none', async (t) => {
  const { request } = await testApi(t)
  for (const key of ['', 'x'.repeat(256), 'ä']) {
    const answer = await request('POST', '/schedules', hourly, { 'idempotency-key': key })
    t.match(answer, { status: 422, body: { errors: [{ field: 'Idempotency-Key' }] } }, key.slice(0, 3))
  }
})

t.test('bulk: over ids, over a filter, tried out first', async (t) => {
  const { request, row, pool } = await testApi(t)
  await pool.query(
    `insert into pgbeat.schedules (name, task_name, every, category, enabled)
     select 'n' || n, 'echo', '1 hour', case when n <= 3 then 'few' end, n <> 3 from generate_series(1, 150) n`,
  )
  const enabled = async () =>
    (await row<{ count: number }>('select count(*)::int from pgbeat.schedules where enabled')).count

  const few = { filter: { category: 'few' } }
  const tried = await request('POST', '/bulk/pause', { ...few, dry_run: true })
  t.match(tried.body.data, { dry_run: true, matched: 3, changed: 2, schedules: [{ name: 'n1' }, { name: 'n2' }] })
  t.equal(await enabled(), 149)
  t.match(await request('POST', '/bulk/pause', { ...few, note: 'closed' }), {
    body: { data: { matched: 3, changed: 2 } },
  })
  t.equal(await enabled(), 147)
  t.match(await row(`select pause_note from pgbeat.schedules where name = 'n1'`), { pause_note: 'closed' })
  t.match(await request('POST', '/bulk/resume', few), { body: { data: { matched: 3, changed: 3 } } })

  const { id } = await row<{ id: string }>(`select id from pgbeat.schedules where name = 'n7'`)
  const some = await request('POST', '/bulk/trigger', {
    ids: [id.toUpperCase(), 'n8', 'nobody'],
    payload: { by: 'hand' },
  })
  t.match(some.body.data, { matched: 2, changed: 2, not_found: ['nobody'] })
  t.match(await row(`select count(*)::int from pgbeat.runs where payload = '{"by": "hand"}'`), { count: 2 })

  const all = await request('POST', '/bulk/delete', { filter: {} })
  t.match(all.body.data, { matched: 150, changed: 150 })
  t.equal(all.body.data.schedules.length, 100, 'as many as are shown')
  t.match(await row('select count(*)::int from pgbeat.schedules'), { count: 0 })

  for (const body of [{}, { ids: ['a'], filter: {} }, { ids: [] }, { filter: { surprise: 1 } }]) {
    t.equal((await request('POST', '/bulk/delete', body)).status, 422)
  }
})

t.test('bulk: more than can be done at once', async (t) => {
  const { request, pool, row } = await testApi(t)
  // Without the triggers, which would take half a minute for so many.
  await pool.query(`
    set session_replication_role = replica;
    insert into pgbeat.schedules (name, task_name, every)
    select 'n' || n, 'echo', '1 hour' from generate_series(1, 100001) n;
    insert into pgbeat.schedule_search (schedule_id, name, task_name, tags, enabled, created_at, updated_at)
    select id, name, task_name, tags, enabled, created_at, updated_at from pgbeat.schedules;
    reset session_replication_role`)
  const all = { filter: {} }
  t.match(await request('POST', '/bulk/pause', all), { status: 422, body: { code: 'too_many_schedules' } })
  t.match(await row('select count(*)::int from pgbeat.schedules where not enabled'), { count: 0 })
  t.match(await request('POST', '/bulk/pause', { filter: { search: 'n10000' }, dry_run: true }), {
    body: { data: { matched: 3 } },
  })
})

t.test('a payload is what its task takes', async (t) => {
  const { request, pool } = await testApi(t)
  const schema = {
    type: 'object',
    properties: { day: { type: 'string', format: 'date' }, codes: { type: 'array', items: { type: 'integer' } } },
    required: ['day'],
    additionalProperties: false,
  }
  await pool.query(`insert into pgbeat.tasks (name, payload_schema) values ('strict', $1)`, [JSON.stringify(schema)])
  const strict = { name: 'x', task_name: 'strict', every: 3600 }
  const refused = async (payload: unknown, ...fields: string[]) => {
    const answer = await request('POST', '/schedules', { ...strict, payload })
    t.match(answer, { status: 422, body: { code: 'invalid_payload' } })
    t.same(
      answer.body.errors.map(({ field }: { field: string }) => field),
      fields,
    )
  }
  await refused({}, 'payload.day')
  await refused({ day: 'tomorrow', codes: [1, 'x'], more: 1 }, 'payload.more', 'payload.day', 'payload.codes.1')
  await refused('x', 'payload')
  t.equal((await request('POST', '/schedules', strict)).status, 422, 'none at all')
  t.equal((await request('POST', '/schedules', { ...strict, payload: { day: '2026-03-01' } })).status, 201)
  t.equal((await request('PATCH', '/schedules/x', { payload: { day: 1 } })).status, 422)
  t.equal((await request('POST', '/schedules/x/trigger', { payload: {} })).status, 422)
  const range = { starts_at: '2026-03-01T00:00:00Z', ends_at: '2026-03-02T00:00:00Z' }
  for (const [path, body] of [
    ['/schedules/x/backfill', { ...range, payload: {} }],
    ['/bulk/trigger', { ids: ['x'], payload: {} }],
  ] as const) {
    t.match(await request('POST', path, body), { status: 422, body: { code: 'invalid_payload' } }, path)
  }
  t.equal((await request('POST', '/bulk/trigger', { ids: ['x'], payload: { day: '2026-03-02' } })).status, 200)

  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('by-sql', 'strict', '1 hour')`)
  t.equal(
    (await request('PATCH', '/schedules/by-sql', { description: 'old' })).status,
    200,
    'what is wrong already may stay',
  )
  t.equal((await request('PATCH', '/schedules/x', { task_name: 'echo' })).status, 200)
  t.equal((await request('PATCH', '/schedules/by-sql', { task_name: 'echo', payload: { any: 1 } })).status, 200)
})

t.test('a task that no live worker has is flagged, and refused where that is asked for', async (t) => {
  const api = await testApi(t)
  const { request, row } = api
  const flagged = await request('POST', '/schedules', hourly)
  t.match(flagged, {
    status: 201,
    body: { data: { task_has_worker: false }, meta: { warnings: [{ code: 'no_live_worker', message: /echo/ }] } },
  })
  const strict = await request('POST', '/schedules?strict=true', { ...hourly, name: 'other' })
  t.match(strict, { status: 422, body: { code: 'no_live_worker', errors: [{ field: 'task_name' }] } })
  t.equal((await request('PATCH', '/schedules/hourly?strict=true', { priority: 1 })).status, 422)
  t.match(await row('select count(*)::int from pgbeat.schedules'), { count: 1 })
  await api.startWorker()
  t.match(await request('POST', '/schedules?strict=true', { ...hourly, name: 'other' }), {
    status: 201,
    body: { data: { task_has_worker: true }, meta: { warnings: [] } },
  })
})
