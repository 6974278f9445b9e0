import t from 'tap'
import { PermanentError, RetryLaterError } from '../../../src/errors.ts'
import { TransientError } from '../../../src/tasks/listed-info/api/failures.ts'
import { failure } from './support.ts'
import { customPeriod, datesIn, failing, KEY, taskSetup } from './task-setup.ts'

/** Five business days of one company, which keeps answers small. */
const WEEK = customPeriod('2026-11-16', '2026-11-20', { codes: ['1303'] })

t.test('days outside the plan are listed, the others kept', async (t) => {
  const { attempt, db } = await taskSetup(t, { plan: 'light' })
  const { result, partial } = await attempt({ payload: customPeriod('2021-11-17', '2021-11-24') })
  t.ok(partial)
  t.strictSame(await datesIn(db), ['2021-11-22', '2021-11-24'])
  t.equal(result.dates_processed, 2)
  t.match(result.errors, [
    { date: '2021-11-17', code: 'out_of_coverage', message: /2021-11-21 ~ $/ },
    { date: '2021-11-18' },
    { date: '2021-11-19' },
  ])
})

t.test('a run outside the plan fails for good, after one request', async (t) => {
  const { attempt, standIn } = await taskSetup(t, { plan: 'free' })
  const error = await failure(attempt({ payload: { period_type: '30days' } }))
  t.type(error, PermanentError)
  t.match(error, { code: 'out_of_coverage', message: /2024-08-29 ~ 2026-08-29/ })
  t.equal(standIn.requests.length, 1, 'the other days are known not to be covered')
})

t.test('a day that failed for now asks for another attempt, which fetches that day alone', async (t) => {
  const { attempt, db, standIn } = await taskSetup(t, failing('error-503', 2, 3, 4))
  const error = await failure(attempt({ payload: WEEK }))
  t.type(error, TransientError)
  t.equal(error.code, 'server_error')
  t.strictSame(await datesIn(db), ['2026-11-16', '2026-11-18', '2026-11-19', '2026-11-20'])

  const asked = standIn.requests.length
  const { result, partial } = await attempt({ payload: WEEK, run: { attempt: 2 } })
  t.strictSame(
    standIn.requests.slice(asked).map(({ query }) => query.date),
    ['2026-11-17'],
  )
  t.notOk(partial)
  t.match(result, { dates_processed: 5, fetched_count: 5, saved_count: 5, changed_count: 5 }, 'of all attempts')
  const { rowCount } = await db.query('select from jquants.listed_info_checkpoints')
  t.equal(rowCount, 0, 'a run that is done leaves none')
})

t.test('on the last attempt a day that failed is listed, the others kept', async (t) => {
  const { attempt } = await taskSetup(t, failing('cut-json', 2, 3, 4))
  const { result, partial } = await attempt({ payload: WEEK, run: { attempt: 3 } })
  t.ok(partial)
  t.equal(result.dates_processed, 4)
  t.match(result.errors, [{ date: '2026-11-17', code: 'broken_json' }])
})

t.test('a run of which nothing worked fails, to be tried again', async (t) => {
  const { attempt } = await taskSetup(t, failing('reset', 1, 2, 3))
  const error = await failure(attempt({ run: { attempt: 3 } }))
  t.type(error, TransientError)
  t.equal(error.code, 'network')
})

t.test('a server that is down is not asked for every day', async (t) => {
  const { attempt, standIn } = await taskSetup(t, failing('error-500', ...Array.from({ length: 99 }, (_, n) => n + 1)))
  await t.rejects(attempt({ payload: { period_type: '30days' } }), { code: 'server_error' })
  t.equal(standIn.requests.length, 3 * 3)
})

t.test('a server that works now and then is asked for every day', async (t) => {
  const { attempt, standIn } = await taskSetup(t, failing('error-500', 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13))
  await t.rejects(attempt({ payload: WEEK }), { code: 'server_error' })
  t.equal(standIn.requests.length, 3 + 3 + 1 + 3 + 3)
})

t.test('a refused key ends the run even where a day might be mended', async (t) => {
  const scenarios = { 2: 'error-500', 3: 'error-500', 4: 'error-500', 5: 'wrong-key' } as const
  const { attempt } = await taskSetup(t, { scenarios })
  const { result, partial } = await attempt({ payload: WEEK })
  t.ok(partial)
  t.match(result.errors, [{ code: 'server_error' }, { code: 'api_key_invalid' }, {}, {}])
})

t.test('a key that is revoked in the middle stops the run and keeps what it has', async (t) => {
  const { attempt, standIn } = await taskSetup(t, failing('wrong-key', 3))
  const { result, partial } = await attempt({ payload: WEEK })
  t.ok(partial)
  t.equal(result.dates_processed, 2)
  t.match(result.errors, [
    { date: '2026-11-18', code: 'api_key_invalid' },
    { date: '2026-11-19', code: 'api_key_invalid' },
    { date: '2026-11-20', code: 'api_key_invalid' },
  ])
  t.equal(standIn.requests.length, 3)
})

t.test('a wrong key fails for good', async (t) => {
  const { attempt } = await taskSetup(t, {}, { JQUANTS_API_KEY: 'another' })
  const error = await failure(attempt({ payload: WEEK }))
  t.type(error, PermanentError)
  t.equal(error.code, 'api_key_invalid')
})

t.test('without a key nothing is asked', async (t) => {
  const { attempt, standIn } = await taskSetup(t, {}, { JQUANTS_API_KEY: '' })
  const error = await failure(attempt())
  t.type(error, PermanentError)
  t.match(error.message, /JQUANTS_API_KEY is not set/)
  t.equal(standIn.requests.length, 0)
})

t.test('a 429 in the middle keeps what is saved and comes back later for the rest', async (t) => {
  const { attempt, db, standIn, clock } = await taskSetup(t, failing('rate-limited', 3, 4))
  const open = () => db.query(`update jquants.request_limits set closed_until = '-infinity'`)
  const first = await failure(attempt({ payload: WEEK }))
  t.type(first, RetryLaterError)
  t.equal(first.delayMs, 60_000)
  t.strictSame(await datesIn(db), ['2026-11-16', '2026-11-17'])
  t.strictSame(clock.slept, [], 'the worker is not held')
  await open()
  const second = await failure(attempt({ payload: WEEK, run: { attempt: 2 } }))
  t.equal(second.delayMs, 120_000)
  await open()
  const { result, partial } = await attempt({ payload: WEEK, run: { attempt: 3 } })
  t.notOk(partial)
  t.equal(result.dates_processed, 5)
  t.equal(standIn.requests.length, 2 + 1 + 1 + 3)
})

t.test('a 429 on the last attempt keeps what is saved and lists the rest', async (t) => {
  const { attempt } = await taskSetup(t, failing('rate-limited', 3))
  const { result, partial } = await attempt({ payload: WEEK, run: { attempt: 3 } })
  t.ok(partial)
  t.equal(result.dates_processed, 2)
  t.match(result.errors, [{ date: '2026-11-18', code: 'rate_limited' }, { date: '2026-11-19' }, { date: '2026-11-20' }])
})

t.test('30 days get done at 5 requests a minute', async (t) => {
  const { attempt, db, standIn, clock } = await taskSetup(t, {}, { JQUANTS_REQUESTS_PER_MINUTE: '5' })
  const payload = { period_type: '30days', codes: ['1303'] }
  const minutePasses = () => db.query(`update jquants.request_limits set slots = '{}'`)
  for (const number of [1, 2]) {
    const error = await failure(attempt({ payload, run: { attempt: number } }))
    t.type(error, RetryLaterError)
    t.ok((error.delayMs ?? 0) > 55_000 && (error.delayMs ?? 0) <= 61_000)
    t.equal(standIn.requests.length, 5 * number, 'five a minute')
    t.strictSame(clock.slept, [], 'the worker is free meanwhile')
    await minutePasses()
  }
  const { result, partial } = await attempt({ payload, run: { attempt: 3 } })
  t.notOk(partial)
  t.equal(result.dates_processed, 21)
  t.equal(standIn.requests.length, 21, 'no day was fetched twice')
  t.equal(clock.slept.length, 6, 'the last attempt waits for its turns: 5 at once, 5 a minute later, 1 after that')
})

t.test('progress goes on where the last attempt ended', async (t) => {
  const { attempt } = await taskSetup(t, failing('rate-limited', 3))
  await failure(attempt({ payload: WEEK, run: { attempt: 1, maxAttempts: 2 } }))
  const { context } = await attempt({ payload: WEEK, run: { attempt: 2, maxAttempts: 2 } })
  t.strictSame(
    context.reports.map(({ done, total }) => `${done}/${total}`),
    ['3/5', '4/5', '5/5'],
  )
})

t.test('stopping the worker keeps what is saved; the next attempt goes on', async (t) => {
  for (const stopAt of [3, 5]) {
    const stop = new AbortController()
    // Of a class that a day may fail with, too.
    const reason = new PermanentError('cancelled', 'somebody cancelled the run')
    let requests = 0
    const onRequest = () => {
      if (++requests === stopAt) stop.abort(reason)
    }
    const { attempt, db } = await taskSetup(t, { onRequest })
    t.equal(await failure(attempt({ payload: WEEK, signal: stop.signal })), reason)
    t.equal((await datesIn(db)).length, stopAt - 1)
    const { result } = await attempt({ payload: WEEK, run: { attempt: 2 } })
    t.equal(result.dates_processed, 5)
    t.equal(requests, 5 + 1)
  }
})

t.test('a database error is passed on as it is', async (t) => {
  const { attempt, db, standIn } = await taskSetup(t)
  await db.query('alter table jquants.listed_info add check (code <> $$13030$$)')
  t.match(await failure(attempt({ payload: WEEK })), { code: '23514' })
  t.strictSame(await datesIn(db), [])
  t.equal(standIn.requests.length, 1)
})

t.test('the key appears in no log, progress or result', async (t) => {
  const { attempt } = await taskSetup(t, failing('wrong-key', 2))
  const { result, context } = await attempt({ payload: WEEK })
  t.notMatch(JSON.stringify([result, context.lines, context.reports]), KEY)
})

t.test('checkpoints of runs that never ended are forgotten after a week', async (t) => {
  const { attempt, db } = await taskSetup(t)
  await db.query(
    `insert into jquants.listed_info_checkpoints
     values ('old', '2026-11-01', 1, 1, 0, 0, now() - interval '8 days'), ('young', '2026-11-01', 1, 1, 0, 0, now())`,
  )
  await attempt()
  const { rows } = await db.query('select run_id from jquants.listed_info_checkpoints')
  t.strictSame(rows, [{ run_id: 'young' }])
})
