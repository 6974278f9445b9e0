import t from 'tap'
import { nextBusinessDay, tokyoDate } from '../../../src/tasks/listed-info/calendar.ts'
import { startDemo } from '../../../src/tasks/listed-info/index.ts'
import { listedInfoPayload } from '../../../src/tasks/listed-info/payload.ts'
import { createFetchListedInfoTask } from '../../../src/tasks/listed-info/task.ts'
import { fakeContext, pluginDatabase } from './support.ts'

t.test('with an account there is no demo', async (t) => {
  t.equal(await startDemo({ JQUANTS_API_KEY: 'abc' }), null)
})

t.test('the demo has all that its schedule needs', async (t) => {
  const demo = await startDemo({ JQUANTS_API_KEY: '' })
  if (demo === null) throw new Error('no demo')
  t.teardown(() => demo.close())
  const { schedule, environment } = demo
  const task = createFetchListedInfoTask({ environment: () => environment })
  t.equal(schedule.task_name, task.name)
  t.strictSame(listedInfoPayload.safeParse(schedule.payload).error, undefined)

  const db = await pluginDatabase(t)
  const context = fakeContext({ db, payload: schedule.payload, run: { scheduledFor: new Date() } })
  const result = await task.run(context)
  t.match(result, { dates_processed: 1, errors: [] })
  const { rows } = await db.query('select count(*)::int as count from jquants.listed_info')
  t.ok(rows[0].count > 4_000)
})

t.test('the demo has data for every day up to the next business day', async (t) => {
  const demo = await startDemo({})
  if (demo === null) throw new Error('no demo')
  t.teardown(() => demo.close())
  const db = await pluginDatabase(t)
  const task = createFetchListedInfoTask({ environment: () => demo.environment })
  const tomorrow = nextBusinessDay(tokyoDate(new Date()))
  for (const date of ['2008-05-07', '2015-06-01', tomorrow]) {
    const payload = { period_type: 'custom', from_date: date, to_date: date }
    const result = await task.run(fakeContext({ db, payload, run: { id: date } }))
    t.match(result, { effective_dates: [date], errors: [] })
    const { rows } = await db.query('select count(*)::int as count from jquants.listed_info where date = $1', [date])
    t.ok(rows[0].count > 4_000, date)
  }
})
