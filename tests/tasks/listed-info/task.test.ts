import t from 'tap'
import { createFetchListedInfoTask } from '../../../src/tasks/listed-info/task.ts'
import { fakeClock, fakeContext, standInFor } from './support.ts'
import { datesIn, failing, taskSetup } from './task-setup.ts'

t.test('saves yesterday and says what it did', async (t) => {
  const { attempt, db } = await taskSetup(t)
  const { result, partial, context } = await attempt()
  const { rows } = await db.query('select count(*)::int as count from jquants.listed_info')
  const { count } = rows[0]
  t.strictSame(context.counts, { rows_fetched: count, rows_saved: count })
  t.ok(count > 4_000)
  t.notOk(partial)
  t.strictSame(result, {
    fetched_count: count,
    saved_count: count,
    skipped_count: 0,
    changed_count: count,
    execution_time: 0,
    from_date: '2026-11-20',
    to_date: '2026-11-20',
    total_fetched: count,
    total_saved: count,
    dates_processed: 1,
    effective_dates: ['2026-11-20'],
    codes: null,
    market: null,
    errors: [],
  })
})

t.test('a second run saves the same rows again and changes none', async (t) => {
  const { attempt, db } = await taskSetup(t)
  const versions = () => db.query('select code, xmin::text, updated_at from jquants.listed_info order by code')
  await attempt({ run: { id: '1' } })
  const before = await versions()
  const { result } = await attempt({ run: { id: '2' } })
  t.ok(result.saved_count > 4_000)
  t.equal(result.changed_count, 0)
  t.strictSame((await versions()).rows, before.rows)
})

t.test('a week is fetched day by day, with its progress', async (t) => {
  const { attempt, db, standIn } = await taskSetup(t)
  const { result, context } = await attempt({ payload: { period_type: '7days' } })
  const dates = ['2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20']
  t.strictSame(await datesIn(db), dates)
  t.strictSame(
    standIn.requests.map(({ query }) => query),
    dates.map((date) => ({ date })),
  )
  t.match(result, { from_date: '2026-11-14', to_date: '2026-11-20', effective_dates: dates, dates_processed: 5 })
  t.strictSame(
    context.reports.map(({ done, total }) => `${done}/${total}`),
    ['1/5', '2/5', '3/5', '4/5', '5/5'],
  )
  t.match(context.reports[0]?.message, /^2026-11-16: 44\d\d rows$/)
})

t.test('a run stands for the day before its own instant', async (t) => {
  const { attempt } = await taskSetup(t)
  const { result } = await attempt({ run: { scheduledFor: new Date('2026-03-04T00:00:00+09:00') } })
  t.strictSame(result.effective_dates, ['2026-03-03'])
})

t.test('many codes cost one request a day, and the others are skipped', async (t) => {
  const { attempt, standIn } = await taskSetup(t)
  const { result } = await attempt({ payload: { codes: ['1303', '13070', '9999'] } })
  t.strictSame(
    standIn.requests.map(({ query }) => query),
    [{ date: '2026-11-20' }],
  )
  t.equal(result.saved_count, 2)
  t.equal(result.skipped_count, result.fetched_count - 2)
  t.strictSame(result.codes, ['1303', '13070', '9999'])
})

t.test('one code is asked for by itself', async (t) => {
  const { attempt, standIn } = await taskSetup(t)
  const { result, context } = await attempt({ payload: { codes: ['1303'] } })
  t.strictSame(
    standIn.requests.map(({ query }) => query),
    [{ date: '2026-11-20', code: '1303' }],
  )
  t.match(result, { fetched_count: 1, saved_count: 1, skipped_count: 0 })
  const gone = await attempt({ payload: { codes: ['9999'] }, run: { id: '2' } })
  t.match(gone.result, { fetched_count: 0, saved_count: 0, errors: [] })
  t.notOk([...context.lines, ...gone.context.lines].some(({ level }) => level === 'warn'))
})

t.test('a market is filtered here', async (t) => {
  const { attempt, db } = await taskSetup(t)
  const { result } = await attempt({ payload: { market: '0113' } })
  const { rows } = await db.query('select distinct market_code from jquants.listed_info')
  t.strictSame(rows, [{ market_code: '0113' }])
  t.ok(result.saved_count > 300 && result.fetched_count > 4_000)
  t.equal(result.fetched_count, result.saved_count + result.skipped_count)
  t.equal(result.market, '0113')
})

t.test('an empty day is a success with a warning', async (t) => {
  const { attempt } = await taskSetup(t, failing('empty-day', 1))
  const { result, partial, context } = await attempt()
  t.notOk(partial)
  t.match(result, { fetched_count: 0, saved_count: 0, dates_processed: 1, errors: [] })
  t.match(
    context.lines.filter(({ level }) => level === 'warn'),
    [{ message: 'J-Quants has no companies for a whole day', fields: { date: '2026-11-20' } }],
  )
})

t.test('a repeated row is saved once, as it came last', async (t) => {
  const { attempt, db } = await taskSetup(t, failing('duplicate-rows', 1))
  const { result } = await attempt()
  t.equal(result.skipped_count, 1)
  const { rows } = await db.query(`select code from jquants.listed_info where company_name like '%（再送）'`)
  t.equal(rows.length, 1)
})

t.test('the day that a row names is trusted, not the one asked for', async (t) => {
  const { attempt, db } = await taskSetup(t, failing('mixed-dates', 1))
  const { context } = await attempt()
  t.strictSame(await datesIn(db), ['2026-11-24'])
  t.match(
    context.lines.filter(({ level }) => level === 'warn'),
    [{ fields: { date: '2026-11-20', answered: '2026-11-24' } }],
  )
})

t.test('margin codes survive a change to a smaller plan', async (t) => {
  const { attempt, db } = await taskSetup(t)
  await attempt()
  const light = await standInFor(t, { plan: 'light' })
  const task = createFetchListedInfoTask({
    environment: () => ({ JQUANTS_API_KEY: light.apiKey, JQUANTS_BASE_URL: light.url }),
    clock: fakeClock(),
  })
  t.match(await task.run(fakeContext({ db, run: { id: '2' } })), { changed_count: 0 })
  const { rowCount } = await db.query('select from jquants.listed_info where margin_code is null')
  t.equal(rowCount, 0)
})
