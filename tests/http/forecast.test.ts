import t from 'tap'
import { type Api, testApi } from './api.ts'

const window = 'from=2031-03-01T00:00:00Z&until=2031-03-01T06:00:00Z'

function insert({ pool }: Api, values: string) {
  return pool.query(`insert into pgbeat.schedules
    (name, task_name, cron_expression, every, run_at, starts_at, ends_at, max_runs, enabled) values ${values}`)
}

t.test('what will fire by minute, over all enabled schedules, planned or not', async (t) => {
  const api = await testApi(t)
  await insert(
    api,
    `('a', 'echo', '0 */2 * * *', null, null, null, null, null, true),
     ('b', 'echo', '0 4 * * *', null, null, null, null, null, true),
     ('every', 'echo', null, '3 hours', null, '2031-03-01 00:30Z', null, null, true),
     ('once', 'echo', null, null, '2031-03-01 04:00:30Z', null, null, null, true),
     ('over', 'echo', '* * * * *', null, null, null, '2031-02-28 23:59Z', null, true),
     ('limited', 'echo', '* * * * *', null, null, '2031-03-01 05:00Z', null, 2, true),
     ('paused', 'echo', '* * * * *', null, null, null, null, null, false),
     ('refused', 'echo', '0 0 30W 2 *', null, null, null, null, null, true)`,
  )
  const { status, type, body } = await api.request('GET', `/forecast?${window}`)
  t.match({ status, type }, { status: 200, type: /^application\/json/ })
  const minute = (time: string, ...names: string[]) => {
    const schedules = names.map((name) => ({ name, runs: 1 }))
    return { minute: `2031-03-01T${time}:00.000Z`, runs: names.length, schedules, more: 0 }
  }
  t.same(body.data, [
    minute('00:00', 'a'),
    minute('00:30', 'every'),
    minute('02:00', 'a'),
    minute('03:30', 'every'),
    minute('04:00', 'a', 'b', 'once'),
    minute('05:00', 'limited'),
    minute('05:01', 'limited'),
  ])
  t.same(body.meta, {
    from: '2031-03-01T00:00:00.000Z',
    until: '2031-03-01T06:00:00.000Z',
    schedules: 5,
    runs: 9,
    complete_until: '2031-03-01T06:00:00.000Z',
  })
  const planned = await api.request('GET', `/forecast?${window}`)
  t.same(planned.body, body)
})

t.test('by itself it looks a day ahead from now on, and finds nothing where there is nothing', async (t) => {
  const api = await testApi(t)
  const { status, body } = await api.request('GET', '/forecast')
  t.match({ status, body }, { status: 200, body: { data: [], meta: { schedules: 0, runs: 0 } } })
  const length = Date.parse(body.meta.until) - Date.parse(body.meta.from)
  t.ok(length >= 86_400_000 && length < 86_460_000)
  t.equal(body.meta.complete_until, body.meta.until)
})

t.test('more schedules than fit into a batch', async (t) => {
  const api = await testApi(t)
  await api.pool.query(`insert into pgbeat.schedules (name, task_name, cron_expression)
    select 's' || lpad(i::text, 5, '0'), 'echo', '0 0 * * *' from generate_series(1, 5001) i`)
  const { body } = await api.request('GET', `/forecast?${window}`)
  t.match(body.data, [{ runs: 5_001, more: 4_981, schedules: { length: 20, 0: { name: 's00001' } } }])
  t.equal(body.meta.schedules, 5_001)
})

t.test('a window that is none is told by field', async (t) => {
  const api = await testApi(t)
  for (const [query, field] of [
    ['from=yesterday', 'from'],
    ['until=2031-01-01', 'until'],
    ['from=2031-01-02T00:00:00Z&until=2031-01-02T00:00:00Z', 'until'],
    ['until=1999-01-01T00:00:00Z', 'until'],
    ['from=2031-01-01T00:00:00Z&until=2031-02-01T00:00:01Z', 'until'],
  ] as const) {
    t.match(await api.request('GET', `/forecast?${query}`), {
      status: 422,
      type: /problem/,
      body: { code: 'invalid_request', errors: [{ field }] },
    })
  }
})
