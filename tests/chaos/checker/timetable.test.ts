import t from 'tap'
import { instantsOf, readCron, type Timetable } from './timetable.ts'

const unbounded = { startsAt: Number.NEGATIVE_INFINITY, endsAt: Number.POSITIVE_INFINITY }
const cron = (expression: string): Timetable => ({ kind: { cron: readCron(expression) }, ...unbounded })
const at = (text: string) => Date.parse(`${text}Z`)

function instants(timetable: Timetable, from: string, to: string): string[] {
  return instantsOf(timetable, at(from), at(to)).map((instant) => new Date(instant).toISOString().slice(0, -5))
}

t.test('five fields name whole minutes', async (t) => {
  t.same(instants(cron('*/20 9 * * *'), '2026-03-01T00:00:00', '2026-03-02T09:20:00'), [
    '2026-03-01T09:00:00',
    '2026-03-01T09:20:00',
    '2026-03-01T09:40:00',
    '2026-03-02T09:00:00',
  ])
})

t.test('six fields begin with seconds; lists, ranges and their steps', async (t) => {
  t.same(instants(cron('0,7,50-59/4 0 12 * * *'), '2026-03-01T12:00:00', '2026-03-01T13:00:00'), [
    '2026-03-01T12:00:00',
    '2026-03-01T12:00:07',
    '2026-03-01T12:00:50',
    '2026-03-01T12:00:54',
    '2026-03-01T12:00:58',
  ])
})

t.test('the first moment is included, the last is not, and fractions belong to neither', async (t) => {
  const everySecond = cron('* * * * * *')
  t.same(instantsOf(everySecond, 1_000, 3_000), [1_000, 2_000])
  t.same(instantsOf(everySecond, 1_000.001, 3_000.001), [2_000, 3_000])
})

t.test('months, days and weekdays: either day will do where both are given', async (t) => {
  t.same(instants(cron('0 0 13 7 5'), '2025-01-01T00:00:00', '2025-07-19T00:00:00'), [
    '2025-07-04T00:00:00',
    '2025-07-11T00:00:00',
    '2025-07-13T00:00:00',
    '2025-07-18T00:00:00',
  ])
  t.same(instants(cron('0 0 * * 7'), '2025-07-01T00:00:00', '2025-07-14T00:00:00'), [
    '2025-07-06T00:00:00',
    '2025-07-13T00:00:00',
  ])
  t.same(instants(cron('0 0 29 2 *'), '2027-01-01T00:00:00', '2028-12-31T00:00:00'), ['2028-02-29T00:00:00'])
})

t.test('intervals are counted from the first instant, which is none before it', async (t) => {
  const timetable = { kind: { everyMs: 1_500, first: 10_250 }, ...unbounded }
  t.same(instantsOf(timetable, 0, 14_750), [10_250, 11_750, 13_250])
  t.same(instantsOf(timetable, 11_751, 14_751), [13_250, 14_750])
})

t.test('once is once', async (t) => {
  const timetable = { kind: { runAt: 5_000 }, ...unbounded }
  t.same(instantsOf(timetable, 5_000, 5_001), [5_000])
  t.same(instantsOf(timetable, 5_001, Number.POSITIVE_INFINITY), [])
})

t.test('bounds are inclusive', async (t) => {
  const bounds = { startsAt: 2_000, endsAt: 4_000 }
  t.same(instantsOf({ kind: { cron: readCron('* * * * * *') }, ...bounds }, 0, 10_000), [2_000, 3_000, 4_000])
  t.same(instantsOf({ kind: { everyMs: 1_000, first: 2_000 }, ...bounds }, 0, 10_000), [2_000, 3_000, 4_000])
  t.same(instantsOf({ kind: { runAt: 4_001 }, ...bounds }, 0, 10_000), [])
})

t.test('what it does not know is refused', async (t) => {
  for (const expression of [
    '@daily',
    '0 0 L * *',
    '* * * *',
    '0 * * * * * 2026',
    '60 * * * *',
    '5/15 * * * *',
    '5-70 * * * *',
    '1, * * * *',
    'MON * * * *',
    '9-3 * * * *',
  ]) {
    t.throws(() => readCron(expression), RangeError, expression)
  }
})
