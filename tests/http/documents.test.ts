import t from 'tap'
import { nextEvent } from '../support/events.ts'
import { testApi } from './api.ts'

const request = {
  name: 'Daily Listed Info',
  task_name: 'echo',
  cron_expression: '0 9 * * *',
  enabled: true,
  description: 'Fetches them',
  category: 'stocks',
  tags: ['daily'],
  execution_policy: 'queue',
  task_params: { period_type: 'custom', from_date: '2025-01-06', to_date: '2025-01-06', codes: null, market: null },
}

t.test("a request in the documents' words is understood, and answered in both", async (t) => {
  const api = await testApi(t)
  const created = await api.request('POST', '/schedules', request)
  t.match(created, {
    status: 201,
    body: {
      data: {
        payload: request.task_params,
        task_params: request.task_params,
        kwargs: request.task_params,
        overlap_policy: 'queue',
        execution_policy: 'queue',
      },
    },
  })
})

t.test('kwargs and task_params become one payload', async (t) => {
  const api = await testApi(t)
  const { body } = await api.request('POST', '/schedules', { ...request, kwargs: { a: 1, market: 'x' } })
  t.same(body.data.payload, { a: 1, ...request.task_params })
  const own = await api.request('PATCH', `/schedules/${body.data.id}`, { payload: { b: 2 }, task_params: { c: 3 } })
  t.same(own.body.data.payload, { b: 2 }, 'a value under its own name wins')
})

t.test('a PUT in the old words may be sent any number of times', async (t) => {
  const api = await testApi(t)
  const { name, task_name, cron_expression } = request
  for (const old of [
    { kwargs: { a: 1 }, execution_policy: 'allow' },
    { kwargs: { a: 1 }, task_params: { b: 2 }, execution_policy: 'allow' },
    { task_params: { b: 2 }, kwargs: null },
    { name },
  ]) {
    const put = () => api.request('PUT', '/schedules/again', { task_name, cron_expression, ...old, name: 'again' })
    await api.request('POST', '/schedules', { name: 'again', task_name, cron_expression, kwargs: { a: 1 } })
    const { body: first } = await put()
    const { body: second } = await put()
    t.same(second.data, first.data)
    const expected = Object.assign({}, 'kwargs' in old && old.kwargs, 'task_params' in old && old.task_params)
    t.same(first.data.payload, expected, JSON.stringify(old))
    t.equal(first.data.overlap_policy, 'execution_policy' in old ? 'allow' : 'skip')
    await api.request('DELETE', '/schedules/again')
  }
})

t.test('the history lists runs, the newest first', async (t) => {
  const api = await testApi(t)
  const { body } = await api.request('POST', '/schedules', request)
  await api.startWorker()
  for (const n of [1, 2]) {
    const finished = nextEvent(api.events, 'run:finished')
    await api.request('POST', `/schedules/${body.data.id}/trigger`, { payload: { n } })
    await finished
  }
  const { status, body: history } = await api.request('GET', `/schedules/${body.data.id}/history`)
  t.equal(status, 200)
  t.match(history.data.history, [
    { executed_at: /Z$/, status: 'succeeded', result: { n: 2 }, error: null },
    { executed_at: /Z$/, status: 'succeeded', result: { n: 1 }, error: null },
  ])
})

t.test(
  'a client that changes what it knows under the old names and sends all of it back means the change',
  async (t) => {
    const api = await testApi(t)
    const { body } = await api.request('POST', '/schedules', request)
    const changed = { ...body.data, execution_policy: 'allow', task_params: { period_type: 'yesterday' } }
    const answer = await api.request('PUT', `/schedules/${body.data.id}`, changed)
    t.match(answer, { status: 200, body: { data: { overlap_policy: 'allow', payload: { period_type: 'yesterday' } } } })
    t.notOk('from_date' in answer.body.data.payload, 'what it left out is gone')
  },
)

t.test('a payload that is no object has no old name', async (t) => {
  const api = await testApi(t)
  const { body } = await api.request('POST', '/schedules', { name: 'l', task_name: 'echo', every: 60, payload: [1, 2] })
  t.match(body.data, { payload: [1, 2], task_params: null, kwargs: null })
  const sentBack = await api.request('PUT', '/schedules/l', body.data)
  t.match(sentBack, { status: 200, body: { data: { payload: [1, 2], revision: 1 } } })
})
