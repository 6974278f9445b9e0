import t, { type Test } from 'tap'
import { RetryLaterError } from '../../../src/errors.ts'
import { createRateLimit, type RateLimitOptions } from '../../../src/tasks/listed-info/rate-limit.ts'
import { failure, fakeClock, pluginDatabase } from './support.ts'

const never = new AbortController().signal
const WINDOW_MS = 61_000

async function setup(t: Test) {
  const db = await pluginDatabase(t)
  const clock = fakeClock()
  return {
    db,
    slept: clock.slept,
    worker: (options: Partial<RateLimitOptions> = {}) =>
      createRateLimit({
        db,
        apiKey: 'a-secret-key',
        baseUrl: 'https://api.example',
        requestsPerMinute: 5,
        lastAttempt: false,
        clock,
        ...options,
      }),
    /** Makes everything that has happened so much older. */
    age: (ms: number) =>
      db.query(
        `update jquants.request_limits
            set slots = array(select at - $1 * interval '1 millisecond' from unnest(slots) at order by at),
                closed_until = closed_until - $1 * interval '1 millisecond'`,
        [ms],
      ),
  }
}

async function times(count: number, work: () => Promise<void>): Promise<void> {
  for (let done = 0; done < count; done++) await work()
}

function near(t: Test, actual: number | undefined, expected: number, message: string) {
  t.ok(actual !== undefined && actual <= expected && actual > expected - 5_000, `${message}: ${actual} ms`)
}

t.test('a minute has so many requests at once, and then gives the worker back', async (t) => {
  const { worker, slept } = await setup(t)
  const gate = worker()
  await times(5, () => gate.enter(false, never))
  t.strictSame(slept, [])
  const error = await failure(gate.enter(false, never))
  t.type(error, RetryLaterError)
  t.equal(error.code, 'rate_limited')
  near(t, error.delayMs, WINDOW_MS, 'until the window is free')
})

t.test('giving up takes no slot', async (t) => {
  const { worker, age } = await setup(t)
  const gate = worker()
  await times(5, () => gate.enter(false, never))
  await times(3, async () => void (await failure(gate.enter(false, never))))
  await age(WINDOW_MS)
  await t.resolves(times(5, () => gate.enter(false, never)))
})

t.test('it comes back when the whole minute is free again, not at the first slot', async (t) => {
  const { worker, age } = await setup(t)
  const gate = worker()
  await times(4, () => gate.enter(false, never))
  await age(30_000)
  await gate.enter(false, never)
  near(t, (await failure(gate.enter(false, never))).delayMs, WINDOW_MS, 'after the latest')
})

t.test('a short wait is waited for', async (t) => {
  const { worker, slept, age } = await setup(t)
  const gate = worker()
  await times(5, () => gate.enter(false, never))
  await age(WINDOW_MS - 4_000)
  await gate.enter(false, never)
  t.equal(slept.length, 1)
  near(t, slept[0], 4_000, 'what is left of the minute')
})

t.test('in the middle of a day and on the last attempt it waits as long as it takes', async (t) => {
  for (const [begun, lastAttempt] of [
    [true, false],
    [false, true],
  ] as const) {
    const { worker, slept } = await setup(t)
    const gate = worker({ lastAttempt })
    await times(11, () => gate.enter(begun, never))
    t.equal(slept.length, 6)
    near(t, slept[0], WINDOW_MS, 'the sixth')
    near(t, slept[5], 2 * WINDOW_MS, 'the eleventh')
  }
})

t.test('many workers at once never exceed the pace in any minute', async (t) => {
  const { db, worker } = await setup(t)
  await Promise.all(Array.from({ length: 23 }, () => worker({ lastAttempt: true }).enter(false, never)))
  const { rows } = await db.query<{ at: Date }>('select unnest(slots) as at from jquants.request_limits order by at')
  const slots = rows.map((row) => row.at.getTime())
  t.equal(slots.length, 23)
  for (const [index, at] of slots.entries()) {
    const fifthBefore = slots[index - 5]
    if (fifthBefore !== undefined) t.ok(at - fifthBefore >= WINDOW_MS, `slot ${index}`)
  }
  t.ok((slots[22] ?? 0) - (slots[0] ?? 0) < 4 * WINDOW_MS + 5_000, 'and none is wasted')
})

t.test('workers that were given different paces keep to their own', async (t) => {
  const { worker } = await setup(t)
  await times(5, () => worker({ requestsPerMinute: 60 }).enter(false, never))
  await t.rejects(worker({ requestsPerMinute: 5 }).enter(false, never), { code: 'rate_limited' })
  await t.resolves(worker({ requestsPerMinute: 60 }).enter(false, never))
})

t.test('after a 429 nobody on the account asks', async (t) => {
  const { worker, age } = await setup(t)
  await worker().close(60_000)
  const error = await failure(worker().enter(false, never))
  near(t, error.delayMs, 60_000, 'until it opens')
  await worker().close(1_000)
  near(t, (await failure(worker().enter(false, never))).delayMs, 60_000, 'a shorter one changes nothing')
  await age(60_000)
  await t.resolves(worker().enter(false, never))
})

t.test('accounts are apart, and known by a hash only', async (t) => {
  const { db, worker } = await setup(t)
  await times(5, () => worker().enter(false, never))
  await t.rejects(worker().enter(false, never))
  await t.resolves(worker({ apiKey: 'another' }).enter(false, never))
  await t.resolves(worker({ baseUrl: 'https://other.example' }).enter(false, never))
  const { rows } = await db.query<{ account: string }>('select account from jquants.request_limits')
  t.equal(rows.length, 3)
  for (const { account } of rows) t.match(account, /^[0-9a-f]{64}$/)
})

t.test('stopping the worker ends the wait', async (t) => {
  const { worker } = await setup(t)
  const stop = new AbortController()
  const gate = worker({ lastAttempt: true })
  await times(5, () => gate.enter(false, stop.signal))
  stop.abort(new Error('worker stops'))
  await t.rejects(gate.enter(false, stop.signal), { message: 'worker stops' })
})

t.test('old requests are forgotten', async (t) => {
  const { db, worker, age } = await setup(t)
  await times(4, () => worker().enter(false, never))
  await age(WINDOW_MS)
  await worker().enter(false, never)
  const { rows } = await db.query('select cardinality(slots) as count from jquants.request_limits')
  t.strictSame(rows, [{ count: 1 }])
})
