import t from 'tap'
import { type Api, testApi } from './api.ts'

t.setTimeout(60_000)

const hourly = { name: 'hourly', task_name: 'echo', cron_expression: '0 * * * *' }
const daily = { name: 'daily', task_name: 'echo', every: 'P1D' }

async function events({ pool }: Api): Promise<string[]> {
  const { rows } = await pool.query('select schedule_name, event_type from pgbeat.schedule_events order by id')
  return rows.map(({ schedule_name, event_type }) => `${schedule_name} ${event_type}`)
}

t.test('what is declared is made so, and said again it changes nothing, however it is spelled', async (t) => {
  const api = await testApi(t)
  const apply = (schedules: object[], more: object = {}) => api.request('POST', '/apply', { schedules, ...more })
  const bounds = { starts_at: '2030-01-01T00:00:00+09:00', payload: { b: 1, a: [{ d: 1, c: 2 }] }, jitter: 90 }
  const dry = await apply([hourly, { ...daily, ...bounds }], { dry_run: true })
  t.match(dry.body.data, { dry_run: true, created: 2, schedules: [{ name: 'hourly', revision: null }, {}] })
  t.same(dry.body.data.schedules[1].changes.jitter, { from: null, to: 'PT1M30S' })
  t.same(await events(api), [], 'a dry run leaves nothing')

  t.match((await apply([hourly, { ...daily, ...bounds }])).body.data, { dry_run: false, created: 2, unchanged: 0 })
  t.same((await events(api)).sort(), ['daily created', 'hourly created'])
  const other = { starts_at: '2029-12-31T15:00:00.000Z', payload: { a: [{ c: 2, d: 1 }], b: 1 }, jitter: 'PT90S' }
  const again = await apply([{ ...daily, ...other, every: 86_400, priority: 0, description: null }, hourly])
  t.match(again.body.data, { created: 0, changed: 0, unchanged: 2, deleted: 0 })
  t.equal((await events(api)).length, 2, 'no event, no revision')

  const changed = await apply([{ ...hourly, priority: 3 }, daily])
  t.match(changed.body.data, { changed: 2, unchanged: 0 })
  t.same(changed.body.data.schedules[0].changes, { priority: { from: 0, to: 3 } })
  t.same(changed.body.data.schedules[1].changes, {
    jitter: { from: 'PT1M30S', to: null },
    payload: { from: { b: 1, a: [{ d: 1, c: 2 }] }, to: {} },
    starts_at: { from: '2029-12-31T15:00:00.000Z', to: null },
  })
})

t.test('a pause survives, unless it is declared that it is over', async (t) => {
  const api = await testApi(t)
  const apply = (schedules: object[]) => api.request('POST', '/apply', { schedules })
  await apply([hourly])
  await api.request('POST', '/schedules/hourly/pause', { note: 'the exchange is closed' })
  t.match((await apply([hourly])).body.data, { unchanged: 1 })
  t.match((await apply([{ ...hourly, priority: 1 }])).body.data.schedules[0].changes, { priority: { to: 1 } })
  t.match((await api.request('GET', '/schedules/hourly')).body.data, {
    enabled: false,
    pause_note: 'the exchange is closed',
  })
  const resumed = await apply([{ ...hourly, enabled: true }])
  t.match(resumed.body.data.schedules[0].changes, { enabled: { from: false, to: true }, pause_note: { to: null } })
})

t.test('all or nothing: everything that is wrong is told, and where', async (t) => {
  const api = await testApi(t)
  const apply = (schedules: object[], more: object = {}) => api.request('POST', '/apply', { schedules, ...more })
  await apply([hourly])
  const wrong = [
    { ...hourly, priority: 5 },
    { name: 'never', task_name: 'echo', cron_expression: '0 0 31W 2 *' },
    daily,
    { name: 'nowhere', task_name: 'echo', cron_expression: '0 0 * * *', timezone: 'Mars/Olympus' },
    { name: 'both', task_name: 'echo', cron_expression: '0 0 * * *', every: 60 },
  ]
  for (const dry_run of [true, false]) {
    const { status, body } = await apply(wrong, { dry_run })
    t.match({ status, body }, { status: 422, body: { code: 'invalid_schedule', detail: '3 schedules are refused' } })
    const fields = body.errors.map(({ field }: { field: string }) => field)
    t.match(fields, ['schedules.1.cron_expression', 'schedules.3.timezone', /^schedules\.4\./])
  }
  t.same(await events(api), ['hourly created'])
  const twice = await apply([hourly, daily, { ...hourly, tags: ['x', 'apply:y'] }])
  t.same(
    twice.body.errors.map(({ field }: { field: string }) => field),
    ['schedules.2.name', 'schedules.2.tags.1'],
  )
  const unknown = await apply([{ ...hourly, crn: 1 }, { task_name: 'echo' }])
  t.match(unknown, { status: 422, body: { code: 'invalid_request' } })
  t.same(
    unknown.body.errors.map(({ field }: { field: string }) => field),
    ['schedules.0.crn', 'schedules.1.name'],
  )
})

t.test('only what was made as part of a set goes with it', async (t) => {
  const api = await testApi(t)
  const apply = (schedules: object[], more: object = {}) => api.request('POST', '/apply', { schedules, ...more })
  await api.pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('by sql', 'echo', '1 minute')`)
  const bySql = { name: 'by sql', task_name: 'echo', every: 120 }
  const web = { set: 'web', prune: true }
  t.match((await apply([hourly, daily, bySql], web)).body.data, { created: 2, changed: 1, deleted: 0 })
  t.same((await api.request('GET', '/schedules/hourly')).body.data.tags, ['apply:web'])
  t.same((await api.request('GET', '/schedules/by%20sql')).body.data.tags, [])
  t.match((await apply([hourly, daily, bySql])).body.data, { unchanged: 3 }, 'without a set the mark stays')

  t.match((await apply([], { set: 'other', prune: true })).body.data, { deleted: 0 })
  const taken = await apply([hourly], { set: 'other' })
  t.match(taken, { status: 409, body: { code: 'name_taken', errors: [{ field: 'schedules.0.name' }] } })
  t.match(taken.body.errors[0].message, 'it belongs to the set web')

  const dry = await apply([daily], { ...web, dry_run: true })
  t.match(dry.body.data, { deleted: 1, unchanged: 1, schedules: [{}, { name: 'hourly', action: 'deleted' }] })
  t.match((await apply([daily], web)).body.data, { deleted: 1 })
  t.equal((await api.request('GET', '/schedules/by%20sql')).status, 200, 'what others made stays')
  t.match((await apply([bySql], { set: 'web', adopt: true })).body.data, { changed: 1 })
  t.match((await apply([], web)).body.data, { deleted: 2 })
  t.match(await apply([], { prune: true }), { status: 422, body: { errors: [{ field: 'set' }] } })
})

t.test('what somebody has changed since the dry run is not written over', async (t) => {
  const api = await testApi(t)
  const apply = (schedules: object[], more: object = {}) => api.request('POST', '/apply', { schedules, ...more })
  await apply([hourly])
  const wanted = [{ ...hourly, priority: 2 }, daily]
  const { data } = (await apply(wanted, { dry_run: true })).body
  const revisions = Object.fromEntries(
    data.schedules.map(({ name, revision }: { name: string; revision: number | null }) => [name, revision]),
  )
  t.same(revisions, { hourly: 1, daily: null })
  await api.request('PATCH', '/schedules/hourly', { description: 'by hand' })
  const late = await apply(wanted, { revisions })
  t.match(late, { status: 412, body: { code: 'revision_mismatch', detail: 'somebody has changed hourly meanwhile' } })
  t.equal((await api.request('GET', '/schedules/daily')).status, 404)
  await apply(wanted, { revisions: { ...revisions, hourly: 2 } })
  t.match((await api.request('GET', '/schedules/hourly')).body.data, { priority: 2, description: null })
  t.match(await apply(wanted, { revisions }), { status: 412 }, 'nor what was made since')
})

t.test('a thousand take seconds', async (t) => {
  const { request } = await testApi(t)
  const schedules = Array.from({ length: 1_000 }, (_, n) => {
    return { name: `n${n}`, task_name: 'echo', cron_expression: `${n % 60} * * * *`, payload: { n } }
  })
  for (const expected of [{ created: 1_000 }, { unchanged: 1_000 }]) {
    const began = performance.now()
    t.match((await request('POST', '/apply', { schedules })).body.data, expected)
    const tookMs = performance.now() - began
    t.comment(`${Math.round(tookMs)} ms`)
    t.ok(tookMs < 20_000)
  }
})
