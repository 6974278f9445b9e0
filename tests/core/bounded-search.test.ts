import t from 'tap'
import { nextInstant } from '../../src/core/timetable.ts'
import { nothing } from '../support/timetable.ts'

/** Some ten times what the slowest of them takes. */
const longestMs = 250

const zones = ['UTC', 'America/New_York', 'Africa/Casablanca', 'Asia/Kolkata', 'Pacific/Apia']
const instants = ['2026-01-01T00:00Z', '2096-03-01T00:00Z', '9998-06-01T00:00Z'].map((text) => Date.parse(text))

const weekdaysToThe14th = Array.from({ length: 14 }, (_, index) => `${index + 1}W`).join()

const impossible = [
  '0 0 30 2 *',
  '0 0 31 2,4,6,9,11 *',
  '0 0 31W 2 *',
  '0 0 0 30 2 * 1-9999',
  '0 0 0 29 2 * 2025-9999/4',
  '0 0 0 29 2 1#5 2097-2103',
  '* * * 1-7 * +1#5',
  '* * * 1-7 * +1#5 1-9999',
  '* * * 1-21 * +0L,1L,2L,3L,4L,5L,6L 1-9999',
  `* * * ${weekdaysToThe14th} * +0#5,1L,2L,3L,4L,5L,6L`,
  `* * * ${weekdaysToThe14th} * +0#5,1L,2L,3L,4L,5L,6L 1-9999`,
  '* * * * * * 1',
  '* * * * * * 2020',
]

const rare = [
  '0 0 29 2 *',
  '0 0 29 2 +6',
  '0 0 0 29 2 +1#5 2097-9999',
  '59 59 23 31 12 +5L',
  '59 59 23 31 12 5 9999',
  '0 0 0 29 2 * 9996',
  '0 0 0 1 1 +1 */100',
  '0 0 13W 2 *',
  '0 30 9 1 5 * 9999',
]

/** Everything that New York's clocks skip in a year, which follows the clock and so never fires. */
const alwaysSkipped = ['*/30 2 * 3 SUN#2', '* * 2 * 3 SUN#2', '* * 2 8-14 3 +0 1-9999', '0/20 * 2 14 3 +0 */2']

function timed(cronExpression: string, timezone: string, after: number): { next: number | null; ms: number } {
  const startedAt = performance.now()
  const next = nextInstant({ ...nothing, cronExpression, timezone }, after)
  return { next, ms: performance.now() - startedAt }
}

t.test('an expression that names no instant is found out in a moment', async (t) => {
  let slowest = 0
  for (const expression of impossible) {
    for (const timezone of zones) {
      const found = instants.map((after) => timed(expression, timezone, after))
      slowest = Math.max(slowest, ...found.map(({ ms }) => ms))
      t.same(new Set(found.map(({ next }) => next)), new Set([null]), `${expression} in ${timezone}`)
    }
  }
  t.ok(slowest < longestMs, `the slowest took ${slowest} ms`)
})

t.test('so is one whose instants a clock change skips every year', async (t) => {
  for (const expression of alwaysSkipped) {
    for (const after of instants.slice(0, 2)) {
      const { next, ms } = timed(expression, 'America/New_York', after)
      t.equal(next, null, expression)
      t.ok(ms < longestMs, `${ms} ms`)
    }
  }
})

t.test('a rare one is found however far it is', async (t) => {
  let slowest = 0
  for (const expression of rare) {
    for (const timezone of zones) {
      const { next, ms } = timed(expression, timezone, instants[0] as number)
      slowest = Math.max(slowest, ms)
      t.type(next, 'number', `${expression} in ${timezone}`)
    }
  }
  t.ok(slowest < longestMs, `the slowest took ${slowest} ms`)
})

t.test('the rarest dates there are', async (t) => {
  const next = (expression: string, after: string) => {
    const { next } = timed(expression, 'UTC', Date.parse(after))
    return next && new Date(next).toISOString().slice(0, 10)
  }
  t.equal(next('0 0 29 2 *', '2096-03-01T00:00Z'), '2104-02-29')
  t.equal(next('0 0 29 2 +1', '2072-03-01T00:00Z'), '2112-02-29', 'Monday the 29th of February, 40 years later')
  t.equal(next('0 0 0 29 2 * 2096-2104/2', '2096-03-01T00:00Z'), '2104-02-29')
  t.equal(next('0 0 0 1 1 * 9999', '2026-01-01T00:00Z'), '9999-01-01')
  t.equal(next('0 0 31 12 *', '9998-12-31T00:00Z'), '9999-12-31', 'the last day there is')
  t.equal(next('0 0 31 12 *', '9999-12-31T00:00Z'), null)
})

t.test('an expression longer than any that makes sense is not read', async (t) => {
  const listed = (length: number) => `${'0,'.repeat((length - 9) / 2)}0 * * * *`
  t.equal(timed(listed(999), 'UTC', 0).next, 3_600_000)
  t.throws(() => timed(listed(1_001), 'UTC', 0), /1001 characters/)
  t.throws(() => timed('0'.repeat(10_000_000), 'UTC', 0), /10000000 characters/)
})
