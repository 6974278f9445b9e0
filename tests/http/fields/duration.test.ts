import t from 'tap'
import { duration, toIsoDuration } from '../../../src/http/fields/duration.ts'
import { testApi } from '../api.ts'

t.test('shown in hours, minutes and seconds', async (t) => {
  const shown = [0, 0.25, 59, 60, 90, 3_600, 3_661.5, 86_400].map(toIsoDuration)
  t.same(shown, ['PT0S', 'PT0.25S', 'PT59S', 'PT1M', 'PT1M30S', 'PT1H', 'PT1H1M1.5S', 'PT24H'])
  t.equal(toIsoDuration(null), null)
})

t.test('taken as ISO 8601 or as seconds', async (t) => {
  t.equal(duration.parse('P1DT2H'), 'P1DT2H')
  t.equal(duration.parse(1.5), '1.5 seconds')
  for (const wrong of ['soon', '5 minutes', '', -1, Number.POSITIVE_INFINITY, null, 'PT']) {
    t.notOk(duration.safeParse(wrong).success, String(wrong))
  }
})

t.test('whatever style the database writes intervals and dates in', async (t) => {
  const api = await testApi(t)
  await api.pool.query(`alter database ${api.name} set intervalstyle = 'sql_standard'`)
  await api.pool.query(`alter database ${api.name} set datestyle = 'German'`)
  await api.pool.query(`alter database ${api.name} set timezone = 'America/St_Johns'`)
  await api.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`)
  const schedule = { name: 's', task_name: 'echo', every: 'P1DT90S', timeout: 2.5, starts_at: '2030-01-02T03:04:05Z' }
  const { body } = await api.request('POST', '/schedules', schedule)
  const expected = { every: 'PT24H1M30S', timeout: 'PT2.5S', starts_at: '2030-01-02T03:04:05.000Z' }
  t.match(body.data, { ...expected, next_run_at: '2030-01-02T03:04:05.000Z' })
  t.match((await api.request('GET', '/schedules/s')).body.data, expected)
  const run = await api.request('POST', '/schedules/s/trigger')
  t.match(run.body.data, { timeout: 'PT2.5S' })
})
