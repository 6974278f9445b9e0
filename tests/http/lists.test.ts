import t from 'tap'
import { type Request, testApi } from './api.ts'

/** Every entry of a list, page by page. */
async function follow(request: Request, path: string): Promise<{ id: string; name: string }[]> {
  const found = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body } = await request('GET', `${path}${cursor && `&cursor=${cursor}`}`)
    found.push(...body.data)
    cursor = body.meta.next_cursor
  }
  return found
}

t.test('schedules by cursor: each sort has all of them once', async (t) => {
  const { request, pool } = await testApi(t)
  await pool.query(
    `insert into pgbeat.schedules (name, task_name, every, category, enabled)
     select 'n' || n, 'echo', '1 hour', case n % 3 when 0 then 'third' end, n % 2 = 0 from generate_series(1, 25) n`,
  )
  for (const sort of ['name', '-name', 'created_at', '-created_at', 'updated_at', '-updated_at']) {
    const found = await follow(request, `/schedules?sort=${sort}&per_page=4`)
    t.equal(new Set(found.map(({ id }) => id)).size, 25, sort)
    t.equal(found.length, 25, sort)
  }
  t.equal((await follow(request, '/schedules?category=third&per_page=3')).length, 8)
  t.equal((await follow(request, '/schedules?category=third&enabled=false&per_page=3')).length, 4)
})

t.test('schedules by next_run_at are those that have one', async (t) => {
  const { request } = await testApi(t)
  for (const [name, run_at, enabled] of [
    ['later', '2101-01-01T00:00:00Z', true],
    ['soon', '2100-01-01T00:00:00Z', true],
    ['paused', '2100-06-01T00:00:00Z', false],
  ] as const) {
    await request('POST', '/schedules', { name, task_name: 'echo', run_at, enabled })
  }
  const system = await request('GET', '/schedules?sort=next_run_at')
  t.same(system.body.data, [], 'nobody has planned them yet')
})

t.test('a total is that of the list, which a sort may shorten', async (t) => {
  const { request, pool } = await testApi(t)
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, every, enabled)
    select 'n' || n, 'echo', '1 hour', n > 2 from generate_series(1, 7) n;
    update pgbeat.schedules set next_run_at = case name when 'n7' then timestamptz 'infinity' else '2100-01-01' end
    where enabled;
    insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts,
      finished_at)
    select gen_random_uuid(), 's', 'echo', '{}', date_trunc('day', now()) + n * interval '1 second', 'schedule',
      case when n > 2 then 'failed' else 'queued' end, 1, case when n > 2 then now() end
    from generate_series(1, 6) n`)
  const expected = {
    '/schedules?sort=name': 7,
    '/schedules?sort=next_run_at': 4,
    '/schedules?sort=-next_run_at': 4,
    '/runs?sort=newest': 6,
    '/runs?sort=finished_at': 4,
    '/runs?sort=-finished_at': 4,
  }
  for (const [path, total] of Object.entries(expected)) {
    t.match((await request('GET', `${path}&per_page=2`)).body.meta, { total, total_pages: Math.ceil(total / 2) }, path)
  }
})

t.test('pages by number, and how far they go', async (t) => {
  const { request, pool } = await testApi(t)
  await pool.query(
    `insert into pgbeat.schedules (name, task_name, every) select 'n' || n, 'echo', '1 hour' from generate_series(1, 5) n`,
  )
  t.match(await request('GET', '/schedules?page=1&per_page=2'), {
    body: {
      data: [{ name: 'n1' }, { name: 'n2' }],
      meta: { page: 1, per_page: 2, total: 5, total_pages: 3, total_is_exact: true, next_cursor: String },
    },
  })
  t.match(await request('GET', '/schedules?page=3&per_page=2'), {
    body: { data: [{ name: 'n5' }], meta: { page: 3, total: 5, total_pages: 3, next_cursor: null } },
  })
  t.match(await request('GET', '/schedules?page=9&per_page=2'), {
    body: { data: [], meta: { page: 9, total: 5, total_pages: 3, next_cursor: null } },
  })
  const tooFar = await request('GET', '/schedules?page=51&per_page=200')
  t.match(tooFar, { status: 422, body: { errors: [{ field: 'page', hint: /next_cursor/ }] } })
})

t.test('a total is counted up to 10,000', async (t) => {
  const { request, pool } = await testApi(t)
  await pool.query(
    `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts)
     select gen_random_uuid(), 's', 'echo', '{}', date_trunc('day', now()) + n * interval '1 second', 'schedule', 'missed', 1
     from generate_series(1, 10001) n`,
  )
  const first = await request('GET', '/runs?per_page=1')
  t.match(first.body.meta, { total: 10_000, total_pages: 10_000, total_is_exact: false })
  const next = await request('GET', `/runs?per_page=1&cursor=${first.body.meta.next_cursor}`)
  t.match(next.body.meta, { page: null, total: null, total_pages: null, total_is_exact: false })
  t.not(next.body.data[0].id, first.body.data[0].id)
})

t.test('a cursor is of the list that it came from', async (t) => {
  const { request, pool } = await testApi(t)
  await pool.query(
    `insert into pgbeat.schedules (name, task_name, every) select 'n' || n, 'echo', '1 hour' from generate_series(1, 5) n`,
  )
  const { body } = await request('GET', '/schedules?per_page=2')
  const { next_cursor: cursor } = body.meta
  for (const path of [
    `/schedules?sort=created_at&cursor=${cursor}`,
    `/runs?cursor=${cursor}`,
    `/backfills?cursor=${cursor}`,
    `/schedules/n1/events?cursor=${cursor}`,
    '/schedules?cursor=nonsense',
  ]) {
    t.match(await request('GET', path), { status: 422, body: { errors: [{ field: 'cursor' }] } }, path)
  }
  const both = await request('GET', `/schedules?page=1&cursor=${cursor}`)
  t.match(both, { status: 422, body: { errors: [{ field: 'page' }] } })
})

t.test('runs: filters, and the pages of one schedule', async (t) => {
  const { request, pool } = await testApi(t)
  await request('POST', '/schedules', { name: 's', task_name: 'echo', every: 3600 })
  for (let i = 0; i < 5; i += 1) await pool.query(`select pgbeat.trigger('s')`)
  const { body } = await request('GET', '/runs?per_page=1')
  await request('POST', `/runs/${body.data[0].id}/cancel`)
  const count = async (query: string) => (await request('GET', `/runs?${query}`)).body.meta.total
  t.equal(await count('status=cancelled'), 1)
  t.equal(await count('status=cancelled,queued'), 5)
  t.equal(await count('status=cancelled&status=queued&origin=manual'), 5)
  t.equal(await count('origin=schedule'), 0)
  t.equal(await count('reason=cancelled'), 1)
  t.equal(await count('schedule_id=s'), 5)
  t.equal(await count('task_name=other'), 0)
  t.equal(await count('until=2020-01-01T00:00:00Z'), 0)
  t.equal(await count('from=2020-01-01T00:00:00+09:00'), 5)
  const node = '00000000-0000-4000-8000-00000000000'
  await pool.query(
    `update pgbeat.runs set status = case when id % 2 = 0 then 'running' else status end, node_id = $1 where status = 'queued'`,
    [`${node}1`],
  )
  t.equal(await count(`node_id=${node}1`), 2, 'what a worker has begun and not ended')
  t.equal(await count(`node_id=${node}1&status=running,succeeded&task_name=echo`), 2)
  t.equal(await count(`node_id=${node}1&status=queued`), 0)
  t.equal(await count(`node_id=${node}2`), 0)
  t.match(await request('GET', '/runs?schedule_id=nobody'), {
    status: 422,
    body: { errors: [{ field: 'schedule_id' }] },
  })
  for (const path of [
    '/schedules/s/runs',
    '/schedules/s/runs?sort=scheduled_for',
    '/runs?sort=id',
    '/runs?sort=newest',
  ]) {
    const found = await follow(request, `${path}${path.includes('?') ? '&' : '?'}per_page=2`)
    t.equal(new Set(found.map(({ id }) => id)).size, 5, path)
  }
  const history = await request('GET', '/schedules/s/history?per_page=2')
  t.match(history.body, { data: { history: [{ status: String }, { status: String }] }, meta: { next_cursor: String } })
})

t.test('events and backfills have pages too', async (t) => {
  const { request, pool } = await testApi(t)
  await request('POST', '/schedules', { name: 's', task_name: 'echo', every: 3600 })
  for (let i = 0; i < 6; i += 1) await request('PATCH', '/schedules/s', { priority: i + 1 })
  t.equal((await follow(request, '/schedules/s/events?per_page=3')).length, 7)
  for (let i = 0; i < 3; i += 1) {
    await pool.query(`select pgbeat.backfill('s', now() - interval '1 day', now() - interval '1 hour')`)
  }
  t.equal((await follow(request, '/backfills?per_page=2')).length, 3)
  t.equal((await follow(request, '/schedules/s/backfills?per_page=2')).length, 3)
})
