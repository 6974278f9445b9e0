import t from 'tap'
import { testApi } from './api.ts'

const schedule = { name: 'nightly', task_name: 'echo', cron_expression: '30 2 * * *', timezone: 'America/New_York' }
const ats = (body: { data: { next: { at: string }[] } }) => body.data.next.map(({ at }) => at)

t.test('the coming instants of a schedule, in UTC and local, with what a clock change does', async (t) => {
  const api = await testApi(t)
  await api.request('POST', '/schedules', schedule)
  const answer = await api.request('GET', '/schedules/nightly/preview?count=2&after=2031-03-08T12:00:00Z')
  t.same(answer.status, 200)
  t.match(answer.body.data, {
    name: 'nightly',
    enabled: true,
    description: 'at 02:30, every day',
    timezone: 'America/New_York',
    cron_expression: '30 2 * * *',
    every: null,
    run_at: null,
  })
  t.same(answer.body.data.next, [
    { at: '2031-03-09T07:00:00.000Z', local: '2031-03-09T03:00:00-04:00', clock_change: 'moved' },
    { at: '2031-03-10T06:30:00.000Z', local: '2031-03-10T02:30:00-04:00', clock_change: null },
  ])
  const eastern = await api.request('GET', '/schedules/nightly/preview?count=1&after=2031-03-08T07:00:00-05:00')
  t.same(ats(eastern.body), ['2031-03-09T07:00:00.000Z'])
  const unencoded = await api.request('GET', '/schedules/nightly/preview?count=1&after=2031-03-08T21:00:00+09:00')
  t.same(ats(unencoded.body), ['2031-03-09T07:00:00.000Z'], 'a + arrives as a blank')
})

t.test('the first of them is when the schedule is planned for', async (t) => {
  const api = await testApi(t)
  const { body } = await api.request('POST', '/schedules', { ...schedule, starts_at: '2031-01-01T00:00:00Z' })
  const preview = await api.request('GET', `/schedules/${body.data.id}/preview`)
  t.equal(preview.body.data.next.length, 10)
  t.equal(preview.body.data.next[0].at, body.data.next_run_at)
})

t.test('bounds hold, and a paused schedule says so', async (t) => {
  const api = await testApi(t)
  const bounds = { starts_at: '2031-01-01T00:00:00Z', ends_at: '2031-01-03T00:00:00Z' }
  await api.request('POST', '/schedules', { ...schedule, ...bounds })
  const bounded = await api.request('GET', '/schedules/nightly/preview')
  t.same(ats(bounded.body), ['2031-01-01T07:30:00.000Z', '2031-01-02T07:30:00.000Z'])
  await api.request('PATCH', '/schedules/nightly', { ends_at: null, max_runs: 3, enabled: false })
  await api.pool.query('update pgbeat.schedules set run_count = 2')
  const last = await api.request('GET', '/schedules/nightly/preview')
  t.match(last.body.data, { enabled: false, ends_at: null })
  t.same(ats(last.body), ['2031-01-01T07:30:00.000Z'], 'one run is left')
  await api.pool.query('update pgbeat.schedules set run_count = 3')
  t.same(ats((await api.request('GET', '/schedules/nightly/preview')).body), [])
})

t.test('a timetable that is not saved', async (t) => {
  const api = await testApi(t)
  const after = '2031-11-01T12:00:00Z'
  const cron = await api.request('POST', '/cron/preview', {
    timezone: schedule.timezone,
    cron_expression: '30 1 * * 6,0',
    after,
  })
  t.match(cron, { status: 200, body: { data: { description: 'at 01:30, only on Saturday and Sunday' } } })
  t.match(cron.body.data.next[0], { local: '2031-11-02T01:30:00-04:00', clock_change: 'merged' })
  t.equal(cron.body.data.next.length, 10)
  t.equal((await api.request('POST', '/cron/preview', { cron_expression: '@daily' })).body.data.timezone, 'UTC')

  const every = await api.request('POST', '/cron/preview', { every: 'PT90M', after, count: 2 })
  t.match(every.body.data, { description: 'every 90 minutes', every: 'PT1H30M', cron_expression: null })
  t.same(ats(every.body), ['2031-11-01T13:30:00.000Z', '2031-11-01T15:00:00.000Z'], 'as if it were created then')
  const anchored = { every: 3600, starts_at: '2031-12-01T00:15:00Z', ends_at: '2031-12-01T02:00:00Z' }
  const bounded = await api.request('POST', '/cron/preview', { ...anchored, after })
  t.same(ats(bounded.body), ['2031-12-01T00:15:00.000Z', '2031-12-01T01:15:00.000Z'])

  const once = await api.request('POST', '/cron/preview', {
    run_at: '2031-12-01T09:00:00+09:00',
    timezone: 'Asia/Tokyo',
  })
  t.match(once.body.data, {
    description: 'once, at 2031-12-01T09:00:00+09:00',
    next: [{ at: '2031-12-01T00:00:00.000Z', local: '2031-12-01T09:00:00+09:00', clock_change: null }],
  })
  t.equal((await api.row<{ count: number }>('select count(*)::int from pgbeat.schedules')).count, 0)
})

t.test('bad input is told by field, as an INSERT would tell it', async (t) => {
  const api = await testApi(t)
  const refused = async (body: unknown, field: string, code?: string) => {
    const answer = await api.request('POST', '/cron/preview', body)
    t.match(answer, { status: 422, type: /problem/, body: { errors: [{ field }], ...(code && { code }) } }, field)
  }
  await refused({ cron_expression: '99 * * * *' }, 'cron_expression', 'invalid_schedule')
  await refused({ cron_expression: '0 0 31 2 *' }, 'cron_expression', 'invalid_schedule')
  await refused({ cron_expression: '0 0 30W 2 *' }, 'cron_expression', 'invalid_schedule')
  await refused({ cron_expression: '0 0 * * L' }, 'cron_expression', 'invalid_schedule')
  await refused({ cron_expression: '0 0 1 1 * nul\0' }, 'cron_expression')
  await refused({ cron_expression: '* * * * *', timezone: 'Mars/Phobos' }, 'timezone', 'invalid_schedule')
  await refused({ cron_expression: '* * * * *', timezone: 'FOO+3' }, 'timezone')
  await refused({ cron_expression: '* * * * *', every: 60 }, 'every')
  await refused({ every: 'P1M' }, 'every', 'invalid_schedule')
  await refused({ every: 0.5 }, 'every')
  await refused({}, 'cron_expression')
  await refused(
    { cron_expression: '* * * * *', starts_at: '2031-01-02T00:00:00Z', ends_at: '2031-01-01T00:00:00Z' },
    'ends_at',
  )
  await refused({ cron_expression: '* * * * *', count: 101 }, 'count', 'invalid_request')
  await refused({ cron_expression: '* * * * *', after: 'tomorrow' }, 'after')
  await refused({ cron_expression: '* * * * *', task_name: 'echo' }, 'task_name')

  await api.request('POST', '/schedules', schedule)
  for (const [query, field] of [
    ['count=0', 'count'],
    ['count=x', 'count'],
    ['after=2031-01-01', 'after'],
    ['after=0001-01-01T00:00:00Z', 'after'],
  ] as const) {
    t.match(await api.request('GET', `/schedules/nightly/preview?${query}`), {
      status: 422,
      body: { errors: [{ field }] },
    })
  }
  t.match(await api.request('GET', '/schedules/nobody/preview'), { status: 404, body: { code: 'schedule_not_found' } })
})

t.test('a paused schedule whose expression nothing can read says which field is wrong', async (t) => {
  const api = await testApi(t)
  await api.pool.query(`insert into pgbeat.schedules (name, task_name, cron_expression, enabled)
    values ('wrong', 'echo', '0 0 30W 2 *', false), ('unreadable', 'echo', '0 0 * * L', false)`)
  t.match(await api.request('GET', '/schedules/wrong/preview'), { status: 200, body: { data: { next: [] } } })
  t.match(await api.request('GET', '/schedules/unreadable/preview'), {
    status: 422,
    body: { code: 'invalid_schedule', errors: [{ field: 'cron_expression' }] },
  })
})
