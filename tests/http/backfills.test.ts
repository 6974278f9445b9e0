import t from 'tap'
import { tickUntilIdle } from '../support/system.ts'
import { type Api, testApi } from './api.ts'

/** An hourly schedule that exists since now; the six hours before that are nobody's. */
async function hourly(t: Parameters<typeof testApi>[0]) {
  const api = await testApi(t)
  await api.request('POST', '/schedules', { name: 'x', task_name: 'echo', cron_expression: '0 * * * *' })
  await tickUntilIdle(api)
  return api
}

const range = { starts_at: '2026-03-01T00:00:00Z', ends_at: '2026-03-01T02:59:59Z' }

/** Executes the runs that are queued, as a worker would. */
const execute = (api: Api) => api.pool.query(`update pgbeat.runs set status = 'succeeded' where status = 'queued'`)

t.test('a dry run answers the instants and what there is, and asks for nothing', async (t) => {
  const api = await hourly(t)
  const { status, body } = await api.request('POST', '/schedules/x/backfill', { ...range, dry_run: true })
  t.equal(status, 200)
  t.same(body, {
    data: ['00', '01', '02'].map((hour) => ({
      scheduled_for: `2026-03-01T${hour}:00:00.000Z`,
      found: null,
      chosen: true,
      clock_change: null,
    })),
    meta: { dry_run: true, instants: 3, chosen: 3, shown: 3 },
  })
  t.same((await api.request('GET', '/schedules/x/backfills')).body.data, [])
})

t.test('a backfill is accepted, tells its progress, and is over', async (t) => {
  const api = await hourly(t)
  const { status, body } = await api.request('POST', '/schedules/x/backfill', { ...range, max_active: 2 })
  t.equal(status, 202)
  const path = `/backfills/${body.data.id}`
  await tickUntilIdle(api)
  t.match((await api.request('GET', path)).body.data, {
    status: 'running',
    which: 'missing',
    progress: { instants: 3, chosen: 3, remaining: 1, queued: 2, succeeded: 0 },
  })
  await execute(api)
  await tickUntilIdle(api)
  await execute(api)
  await tickUntilIdle(api)
  t.match((await api.request('GET', path)).body.data, { status: 'completed', progress: { remaining: 0, succeeded: 3 } })
  t.equal((await api.request('GET', '/backfills?status=completed')).body.meta.total, 1)
  t.equal((await api.request('GET', '/backfills?status=running')).body.meta.total, 0)
  const { body: list } = await api.request('GET', '/schedules/x/backfills')
  t.match(list, { data: [{ id: body.data.id, created_by: 'api' }], meta: { total: 1 } })
  const again = await api.request('POST', '/schedules/x/backfill', { ...range, dry_run: true })
  t.match(again.body, { data: [{ found: 'succeeded', chosen: false }], meta: { chosen: 0 } })
})

t.test('cancel', async (t) => {
  const api = await hourly(t)
  const { body } = await api.request('POST', '/schedules/x/backfill', range)
  const path = `/backfills/${body.data.id}/cancel`
  t.match((await api.request('POST', path)).body.data, { status: 'cancelled' })
  t.match(await api.request('POST', path), { status: 409, body: { code: 'backfill_over' } })
})

t.test('what makes no sense is refused, in a dry run too', async (t) => {
  const api = await hourly(t)
  const late = { starts_at: '2026-03-01T00:00:00Z', ends_at: '2099-01-01T00:00:00Z' }
  for (const dry_run of [true, false]) {
    t.match(await api.request('POST', '/schedules/x/backfill', { ...late, dry_run }), {
      status: 422,
      body: { code: 'invalid_backfill', errors: [{ field: 'ends_at', message: 'a backfill ends in the past' }] },
    })
  }
  t.match(await api.request('POST', '/schedules/x/backfill', { ...range, which: 'some' }), {
    status: 422,
    body: { code: 'invalid_request', errors: [{ field: 'which' }] },
  })
  await api.request('PATCH', '/schedules/x', { cron_expression: '* * * * * *' })
  const huge = { starts_at: '2020-01-01T00:00:00Z', ends_at: '2026-01-01T00:00:00Z', dry_run: true }
  t.match(await api.request('POST', '/schedules/x/backfill', huge), { status: 422, body: { code: 'invalid_backfill' } })
  t.match((await api.request('POST', '/schedules/nobody/backfill', range)).status, 404)
  t.match((await api.request('GET', '/backfills/99')).status, 404)
  t.match((await api.request('POST', '/backfills/x/cancel')).status, 404)
})
