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
