import t from 'tap'
import { addKey } from '../support/api-keys.ts'
import { testApi } from './api.ts'

t.test('what was done to all schedules, the newest first', async (t) => {
  const { db, pool, request } = await testApi(t)
  const { token } = await addKey(db, 'deploy', 'admin')
  const as = { authorization: `Bearer ${token}` }
  const timetable = { task_name: 'echo', every: 3600 }
  const { body: one } = await request('POST', '/schedules', { name: 'one', ...timetable }, as)
  await request('POST', '/schedules', { name: 'two', ...timetable }, as)
  await request('POST', '/schedules/one/pause', { note: 'why' }, as)
  await request('POST', '/schedules/one/trigger', {}, as)
  await pool.query(`select set_config('pgbeat.actor', 'ann', false), pgbeat.pause('two')`)
  await request('DELETE', '/schedules/one', undefined, as)

  const list = async (query = '') => {
    const { status, body } = await request('GET', `/audit${query}`, undefined, as)
    t.equal(status, 200, query)
    const events = body.data.map((event: Record<string, unknown>) => `${event.schedule_name} ${event.event_type}`)
    return { events, meta: body.meta, data: body.data }
  }
  await pool.query('delete from pgbeat.system_events')
  const all = ['one deleted', 'two paused', 'one triggered', 'one paused', 'two created', 'one created']
  const { events, meta, data } = await list()
  t.same(events, all)
  t.match(meta, { total: 6, total_is_exact: true, next_cursor: null })
  t.match(data[3], { changed_by: 'api:deploy', note: 'why', changes: { enabled: { from: true, to: false } } })
  t.same((await list('?event_type=paused')).events, ['two paused', 'one paused'])
  t.same((await list('?event_type=created,deleted,created')).events, ['one deleted', 'two created', 'one created'])
  t.same((await list('?changed_by=ann')).events, ['two paused'])
  t.same((await list('?changed_by=api:deploy&event_type=paused,triggered')).events, ['one triggered', 'one paused'])
  t.same((await list('?changed_by=api')).events, [], 'exactly')
  t.same((await list('?schedule_id=two')).events, ['two paused', 'two created'])
  t.same((await list('?schedule_id=two&changed_by=ann&event_type=created')).events, [])
  t.same((await list(`?schedule_id=${one.data.id}`)).events.length, 4, 'of one that is gone')
  for (const filter of ['', '&changed_by=api:deploy', '&event_type=created,paused,triggered', '&schedule_id=two']) {
    const whole = (await list(`?${filter}`)).events
    const found: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await list(`?per_page=1${filter}${cursor && `&cursor=${cursor}`}`)
      found.push(...page.events)
      cursor = page.meta.next_cursor
    }
    t.same(found, whole, `page by page ${filter}`)
    t.same((await list(`?per_page=1&page=2${filter}`)).events, whole.slice(1, 2))
  }
  t.match(await request('GET', '/audit?event_type=lost', undefined, as), { status: 422 })
  t.match(await request('GET', '/audit?schedule_id=nobody', undefined, as), {
    status: 422,
    body: { errors: [{ field: 'schedule_id' }] },
  })
})

t.test('what was done to keys and workers is in it too, in its order, whoever did it', async (t) => {
  const { db, pool, row, request } = await testApi(t)
  const { token, key } = await addKey(db, 'ann', 'admin')
  const as = { authorization: `Bearer ${token}` }
  const { id: user } = await row<{ id: string }>('select session_user as id')
  const { id } = await row<{ id: string }>(
    `insert into pgbeat.nodes (id, kind, host, pid, version) values (gen_random_uuid(), 'worker', 'h', 7, '0') returning id`,
  )
  await request('POST', '/schedules', { name: 'one', task_name: 'echo', every: 3600 }, as)
  const { body: ben } = await request(
    'POST',
    '/keys',
    { name: 'ben', role: 'viewer', expires_at: '2999-01-01T00:00:00Z' },
    as,
  )
  for (const act of ['drain', 'drain', 'undrain', 'undrain'])
    await request('POST', `/nodes/${id}/${act}`, undefined, as)
  await request('POST', '/schedules/one/pause', { note: 'why' }, as)
  await request('POST', '/keys/ben/revoke', undefined, as)
  await request('POST', '/keys/ben/revoke', undefined, as)
  await request('POST', '/keys/ann/revoke', undefined, as)
  await request('POST', '/nodes/nobody/drain', undefined, as)
  await pool.query(`update pgbeat.nodes set draining_at = now(), heartbeat_at = now() where kind = 'worker'`)
  await pool.query(`update pgbeat.nodes set heartbeat_at = now()`)
  await pool.query(`update pgbeat.api_keys set last_used_at = now()`)

  type Entry = Record<'id' | 'changed_by' | 'event_type' | 'subject_name', string>
  const list = async (query = '') => {
    const { status, body } = await request('GET', `/audit${query}`, undefined, as)
    t.equal(status, 200, query)
    const told = body.data.map((e: Entry) => `${e.changed_by} ${e.event_type} ${e.subject_name}`)
    return { told, meta: body.meta, data: body.data }
  }
  const all = [
    `${user} worker_drained h 7`,
    'api:ann key_revoked ben',
    'api:ann paused one',
    'api:ann worker_undrained h 7',
    'api:ann worker_drained h 7',
    'api:ann key_created ben',
    'api:ann created one',
    `${user} key_created ann`,
  ]
  const { told, data, meta } = await list()
  t.same(told, all)
  t.match(meta, { total: 8, next_cursor: null })
  const none = { schedule_id: null, schedule_name: null, revision: null, note: null }
  t.match(data[1], { subject_type: 'key', subject_id: ben.data.id, changes: { revoked_at: { to: /^2/ } }, ...none })
  t.match(data[4], { subject_type: 'node', subject_id: id, changes: { draining_at: { to: /^2/ } }, ...none })
  t.match(data[3], { changes: { draining_at: { from: /^2/ } } })
  t.match(data[5].changes, { role: { to: 'viewer' }, expires_at: { to: /^2999/ } })
  t.match(data[6], { subject_type: 'schedule', schedule_name: 'one', subject_id: data[6].schedule_id, revision: 1 })
  t.match(data[7], { subject_id: key.id, changes: { role: { to: 'admin' } } })
  t.notMatch(JSON.stringify(data), new RegExp(`hash|token|${ben.data.token}`))

  t.same((await list('?event_type=key_created')).told, [all[5], all[7]])
  t.same((await list('?event_type=worker_drained,paused')).told, [all[0], all[2], all[4]])
  t.same((await list(`?changed_by=${user}`)).told, [all[0], all[7]])
  t.same((await list('?changed_by=api:ann&event_type=created,key_revoked')).told, [all[1], all[6]])
  t.same((await list('?schedule_id=one')).told, [all[2], all[6]])
  t.same((await list('?schedule_id=one&event_type=key_created')).told, [])
  for (const filter of ['', '&changed_by=api:ann', '&event_type=paused,key_created,worker_drained']) {
    const whole = (await list(`?${filter}`)).told
    const found: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await list(`?per_page=1${filter}${cursor && `&cursor=${cursor}`}`)
      t.ok(cursor !== '' || page.meta.total === whole.length)
      found.push(...page.told)
      cursor = page.meta.next_cursor
    }
    t.same(found, whole, `page by page ${filter}`)
    t.same((await list(`?per_page=1&page=2${filter}`)).told, whole.slice(1, 2))
  }
})

t.test('it is recorded for a role that may change workers and nothing else', async (t) => {
  const { pool, row } = await testApi(t)
  const client = await pool.connect()
  t.teardown(() => client.release(true))
  // Nothing of the role is left when it is over.
  await client.query(`
    begin;
    create role drainer;
    grant usage on schema pgbeat to drainer;
    grant select, update on pgbeat.nodes to drainer;
    insert into pgbeat.nodes (id, kind, host, pid, version) values (gen_random_uuid(), 'worker', 'h', 7, '0');
    set local role drainer;
    update pgbeat.nodes set draining_at = now() where kind = 'worker';
    reset role;
    revoke all on pgbeat.nodes from drainer;
    revoke all on schema pgbeat from drainer;
    drop role drainer;
    commit`)
  t.match(await row('select event_type, subject_name from pgbeat.system_events'), {
    event_type: 'worker_drained',
    subject_name: 'h 7',
  })
})
