import t from 'tap'
import { nextEvent } from '../support/events.ts'
import { testApi } from './api.ts'

const hourly = { name: 'hourly', task_name: 'echo', cron_expression: '0 * * * *' }

t.test('create, read, change, replace, delete', async (t) => {
  const api = await testApi(t)
  const created = await api.request('POST', '/schedules', {
    ...hourly,
    payload: { a: [1] },
    timezone: 'Asia/Tokyo',
    timeout: 90,
    retry_delay: 'PT2M',
    jitter: 'PT5S',
    tags: ['x', 'y'],
  })
  t.match(created, {
    status: 201,
    body: { data: { name: 'hourly', timeout: 'PT1M30S', retry_delay: 'PT2M', jitter: 'PT5S', revision: 1 } },
  })
  t.match(created.body.data.next_run_at, /^\d{4}-\d\d-\d\dT\d\d:00:00\.000Z$/)
  const { id } = created.body.data

  t.match(await api.request('GET', `/schedules/${id}`), { status: 200, body: { data: { payload: { a: [1] } } } })
  t.match(await api.request('GET', '/schedules/hourly'), { status: 200, body: { data: { id } } }, 'by name too')

  const changed = await api.request('PATCH', '/schedules/hourly', {
    description: 'each hour',
    cron_expression: '30 * * * *',
  })
  t.match(changed, { status: 200, body: { data: { description: 'each hour', timezone: 'Asia/Tokyo', revision: 2 } } })
  t.match(changed.body.data.next_run_at, /:30:00\.000Z$/)
  const limited = await api.request('PATCH', '/schedules/hourly', { max_runs: 5 })
  t.match(limited.body.data, { max_runs: 5, next_run_at: /:30:00\.000Z$/, revision: 3 })

  const replaced = await api.request('PUT', `/schedules/${id}`, { ...hourly, name: 'renamed' })
  t.match(replaced, {
    status: 200,
    body: {
      data: {
        name: 'renamed',
        description: null,
        timezone: 'UTC',
        payload: {},
        tags: [],
        timeout: null,
        retry_delay: null,
      },
    },
  })

  t.match(await api.request('DELETE', `/schedules/${id}`), { status: 200, body: { data: { id } } })
  t.match(await api.request('GET', `/schedules/${id}`), { status: 404, body: { code: 'schedule_not_found' } })
  const { rows } = await api.pool.query('select event_type, changed_by from pgbeat.schedule_events order by id')
  t.same(rows, [
    { event_type: 'created', changed_by: 'api' },
    { event_type: 'updated', changed_by: 'api' },
    { event_type: 'updated', changed_by: 'api' },
    { event_type: 'updated', changed_by: 'api' },
    { event_type: 'deleted', changed_by: 'api' },
  ])
})

t.test('durations go in as ISO 8601 or seconds, come out as ISO 8601, and a run shows what it was given', async (t) => {
  const api = await testApi(t)
  await api.request('POST', '/schedules', { ...hourly, timeout: 'PT90M', retry_delay: 'PT2M' })
  const slower = await api.request('PATCH', '/schedules/hourly', { retry_delay: 90.5 })
  t.match(slower.body.data, { timeout: 'PT1H30M', retry_delay: 'PT1M30.5S', revision: 2 })
  const triggered = await api.request('POST', '/schedules/hourly/trigger')
  await api.request('PATCH', '/schedules/hourly', { retry_delay: null })
  const run = await api.request('GET', `/runs/${triggered.body.data.id}`)
  t.match(run, { status: 200, body: { data: { timeout: 'PT1H30M', retry_delay: 'PT1M30.5S' } } })
  t.match(await api.request('GET', '/schedules/hourly'), { body: { data: { retry_delay: null } } })
})

t.test('an answer can be changed and sent back', async (t) => {
  const api = await testApi(t)
  const { body } = await api.request('POST', '/schedules', { ...hourly, payload: { a: 1 }, max_runs: 3 })
  const sentBack = await api.request('PUT', '/schedules/hourly', { ...body.data, description: 'new' })
  t.match(sentBack, { status: 200, body: { data: { description: 'new', payload: { a: 1 }, max_runs: 3 } } })
  const unchanged = await api.request('PUT', '/schedules/hourly', sentBack.body.data)
  t.equal(unchanged.body.data.revision, sentBack.body.data.revision, 'sending it again changes nothing')
})

t.test('enable and disable', async (t) => {
  const api = await testApi(t)
  await api.request('POST', '/schedules', hourly)
  t.match(await api.request('POST', '/schedules/hourly/disable'), {
    status: 200,
    body: { data: { enabled: false, next_run_at: null } },
  })
  const enabled = await api.request('POST', '/schedules/hourly/enable')
  t.match(enabled, { status: 200, body: { data: { enabled: true, next_run_at: /:00:00/ } } })
  const { rows } = await api.pool.query('select event_type from pgbeat.schedule_events order by id')
  t.same(
    rows.map(({ event_type }) => event_type),
    ['created', 'paused', 'resumed'],
  )
})

t.test('list: pages and filters', async (t) => {
  const api = await testApi(t)
  for (const schedule of [
    { ...hourly, name: 'a', category: 'one', tags: ['x', 'y'] },
    { ...hourly, name: 'b', category: 'two', tags: ['x'], enabled: false },
    { ...hourly, name: 'c', description: 'the 100% one' },
  ]) {
    await api.request('POST', '/schedules', schedule)
  }
  const names = async (query: string) => {
    const { body } = await api.request('GET', `/schedules?${query}`)
    return body.data.map(({ name }: { name: string }) => name)
  }
  t.same(await names(''), ['a', 'b', 'c'])
  t.same(await names('enabled_only=true'), ['a', 'c'])
  t.same(await names('category=two'), ['b'])
  t.same(await names('tags=x,y'), ['a'])
  t.same(await names('tags=x&tags=y'), ['a'])
  t.same(await names('search=100%25'), ['c'])
  t.same(await names('task_name=nothing'), [])
  t.match(await api.request('GET', '/schedules?page=2&per_page=2'), {
    body: { data: [{ name: 'c' }], meta: { page: 2, per_page: 2, total: 3, total_pages: 2 } },
  })
})

t.test('bad input is told by field, as problem details', async (t) => {
  const api = await testApi(t)
  await api.request('POST', '/schedules', hourly)
  const other = { ...hourly, name: 'other' }
  const refused = async (body: unknown, status: number, field: string, code?: string) => {
    const answer = await api.request('POST', '/schedules', body)
    t.match(answer, {
      status,
      type: /^application\/problem\+json/,
      body: { status, errors: [{ field }], ...(code && { code }) },
    })
  }
  await refused({ ...other, task_name: 'nope' }, 422, 'task_name', 'invalid_schedule')
  await refused({ ...other, cron_expression: '99 99 * * *' }, 422, 'cron_expression')
  await refused({ ...other, cron_expression: '0 0 31 2 *' }, 422, 'cron_expression')
  await refused({ ...other, cron_expression: '0 0 30W 2 *' }, 422, 'cron_expression', 'invalid_schedule')
  await refused({ ...other, timezone: 'Mars/Phobos' }, 422, 'timezone')
  await refused({ ...other, timezone: 'FOO+3' }, 422, 'timezone')
  await refused({ ...other, every: 'PT1M' }, 422, 'every')
  await refused({ ...other, timeout: -1 }, 422, 'timeout')
  await refused({ ...other, timeout: 'soon' }, 422, 'timeout')
  for (const retry_delay of [0, -1, 86_401, 'P1M', 'PT0S', 'soon']) {
    await refused({ ...other, retry_delay }, 422, 'retry_delay')
  }
  await refused({ ...other, starts_at: 'tomorrow' }, 422, 'starts_at')
  await refused({ ...other, priority: 40_000 }, 422, 'priority')
  await refused({ ...other, enabled: 'yes' }, 422, 'enabled')
  await refused({ ...other, surprise: 1 }, 422, 'surprise', 'invalid_request')
  await refused({ ...other, name: 'nul\0' }, 422, 'name')
  await refused({ task_name: 'echo' }, 422, 'cron_expression')
  await refused({ name: 'no task' }, 422, 'task_name')
  await refused(hourly, 409, 'name', 'name_taken')
  await refused([], 422, 'body')
  const { count } = await api.row<{ count: number }>('select count(*)::int from pgbeat.schedules')
  t.equal(count, 1, 'nothing of it was kept')
})

t.test("what can't be read at all is a 4xx too", async (t) => {
  const api = await testApi(t)
  const malformed = await api.request('POST', '/schedules', '{"name":')
  t.match(malformed, { status: 400, type: /problem/, body: { code: 'malformed_request' } })
  const form = await api.request('POST', '/schedules', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' })
  t.match(form, { status: 415, body: { code: 'unsupported_media_type' } })
  const large = await api.request('POST', '/schedules', { ...hourly, payload: 'x'.repeat(1_100_000) })
  t.match(large, { status: 413, body: { code: 'body_too_large' } })
  t.match(await api.request('POST', '/schedules', { ...hourly, payload: '\0' }), { status: 422 })
  const deep = `{"name": "deep", "task_name": "echo", "cron_expression": "* * * * *", "payload": ${'['.repeat(200_000)}${']'.repeat(200_000)}}`
  t.match(await api.request('POST', '/schedules', deep), { status: 422, body: { errors: [{ field: 'payload' }] } })
  t.match(await api.request('GET', '/schedules/%E0%A4%A'), { status: 400 })
  t.match(await api.request('GET', '/schedules/%00'), { status: 404 })
  t.match(await api.request('GET', '/schedules?per_page=0'), { status: 422, body: { errors: [{ field: 'per_page' }] } })
  t.match(await api.request('GET', '/nowhere'), { status: 404, body: { code: 'no_such_route' } })
  t.match(await api.request('PATCH', '/schedules/nobody', { enabled: false }), { status: 404 })
})

t.test('trigger runs a schedule now, with a payload for this once', async (t) => {
  const api = await testApi(t)
  const { body } = await api.request('POST', '/schedules', { ...hourly, payload: { usual: true } })
  const triggered = await api.request('POST', '/schedules/hourly/trigger', { payload: { once: true } })
  t.match(triggered, { status: 202, body: { data: { origin: 'manual', status: 'queued', payload: { once: true } } } })
  const finished = nextEvent(api.events, 'run:finished')
  await api.startWorker()
  await finished
  const runs = await api.request('GET', `/schedules/${body.data.id}/runs`)
  t.match(runs.body, {
    data: [{ id: triggered.body.data.id, status: 'succeeded', result: { once: true } }],
    meta: { total: 1 },
  })
  t.ok(runs.body.data[0].lateness_ms >= 0)
  const run = await api.request('GET', `/runs/${triggered.body.data.id}`)
  t.match(run.body.data, { status: 'succeeded', attempts: [{ attempt: 1, status: 'succeeded' }] })
  t.match(await api.request('GET', '/runs?status=succeeded&task_name=echo'), {
    status: 200,
    body: { data: [{ id: /\d/ }] },
  })
  t.match(await api.request('GET', '/runs?status=failed'), { status: 200, body: { data: [], meta: { total: 0 } } })
  t.match(await api.request('GET', '/runs/12345678'), { status: 404, body: { code: 'run_not_found' } })
  t.match(await api.request('GET', '/runs/1e9'), { status: 404 })
  t.match(await api.request('POST', '/schedules/nobody/trigger'), { status: 404 })
})

t.test('a schedule that is wrong can be paused, and its words changed', async (t) => {
  const api = await testApi(t)
  await api.pool.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ('wrong', 'echo', '0 0 30W 2 *')`,
  )
  t.match(await api.request('PATCH', '/schedules/wrong', { description: 'x' }), { status: 200 })
  t.match(await api.request('POST', '/schedules/wrong/disable'), { status: 200, body: { data: { enabled: false } } })
  const enabled = await api.request('POST', '/schedules/wrong/enable')
  t.match(enabled, { status: 422, body: { errors: [{ field: 'cron_expression' }] } })
})

t.test('a schedule that somebody else has locked holds up nobody but who wants to change it', async (t) => {
  const api = await testApi(t)
  await api.request('POST', '/schedules', hourly)
  const editor = await api.pool.connect()
  await editor.query('begin')
  await editor.query('select from pgbeat.schedules for update')
  const attempts = Array.from({ length: 12 }, (_, n) =>
    api.request('PATCH', '/schedules/hourly', { description: `${n}` }),
  )
  t.match(await api.request('GET', '/healthz'), { status: 200 })
  for (const attempt of await Promise.all(attempts)) t.match(attempt, { status: 409, body: { code: 'locked' } })
  await editor.query('rollback')
  editor.release()
  t.match(await api.request('PATCH', '/schedules/hourly', { description: 'free' }), { status: 200 })
})

t.test('what PUT leaves out becomes what INSERT leaves out', async (t) => {
  const api = await testApi(t)
  await api.pool.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ('a', 'echo', '0 * * * *')`,
  )
  const answer = await api.request('PUT', '/schedules/a', { task_name: 'echo', cron_expression: '0 * * * *' })
  t.match(answer, { status: 200, body: { data: { revision: 1 } } }, 'nothing changed')
})

t.test('pause and resume take a note', async (t) => {
  const api = await testApi(t)
  await api.request('POST', '/schedules', { name: 'x', task_name: 'echo', cron_expression: '0 * * * *' })
  const paused = await api.request('POST', '/schedules/x/pause', { note: 'the exchange is closed' })
  t.match(paused.body.data, { enabled: false, pause_note: 'the exchange is closed', paused_at: String })
  const resumed = await api.request('POST', '/schedules/x/resume', { note: 'open again' })
  t.match(resumed.body.data, { enabled: true, pause_note: null, paused_at: null })
  const { rows } = await api.pool.query('select event_type, note, changed_by from pgbeat.schedule_events order by id')
  t.same(rows.slice(1), [
    { event_type: 'paused', note: 'the exchange is closed', changed_by: 'api' },
    { event_type: 'resumed', note: 'open again', changed_by: 'api' },
  ])
})

t.test('a run can be cancelled, once', async (t) => {
  const api = await testApi(t)
  await api.request('POST', '/schedules', { name: 'x', task_name: 'echo', run_at: '2100-01-01T00:00:00Z' })
  const { body } = await api.request('POST', '/schedules/x/trigger', { payload: { once: true } })
  t.match(body.data, { origin: 'manual', payload: { once: true } })
  const path = `/runs/${body.data.id}/cancel`
  t.match(await api.request('POST', path), {
    status: 202,
    body: { data: { status: 'cancelled', reason: 'cancelled' } },
  })
  t.match(await api.request('POST', path), { status: 409, body: { code: 'run_over' } })
  t.equal((await api.request('POST', '/runs/999999/cancel')).status, 404)
})

t.test('a schedule that names no time zone has that of the API', async (t) => {
  const { request } = await testApi(t, { timezone: 'Asia/Tokyo' })
  const body = { task_name: 'echo', cron_expression: '0 9 * * *' }
  const zone = async (...[method, path, given]: [string, string, object]) =>
    (await request(method, path, given)).body.data.timezone
  t.equal(await zone('POST', '/schedules', { ...body, name: 'a' }), 'Asia/Tokyo')
  t.equal(await zone('POST', '/schedules', { ...body, name: 'b', timezone: 'UTC' }), 'UTC')
  t.equal(await zone('PATCH', '/schedules/b', { description: 'x' }), 'UTC', 'what there is stays')
  t.equal(await zone('PUT', '/schedules/b', body), 'Asia/Tokyo')
  t.equal(await zone('POST', '/cron/preview', { cron_expression: '0 9 * * *' }), 'Asia/Tokyo')
})
