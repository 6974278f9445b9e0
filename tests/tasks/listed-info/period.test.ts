import t from 'tap'
import { daysInRange, isBusinessDay } from '../../../src/tasks/listed-info/calendar.ts'
import { listedInfoPayload } from '../../../src/tasks/listed-info/payload.ts'
import { planPeriod } from '../../../src/tasks/listed-info/period.ts'

const LATER = new Date('2030-01-01T00:00:00Z')

function plan(payload: Record<string, unknown>, reference = '2026-11-21T09:00:00+09:00', now = LATER) {
  return planPeriod(listedInfoPayload.parse(payload), new Date(reference), now)
}

function custom(from_date: string, to_date: string) {
  return plan({ period_type: 'custom', from_date, to_date }).dates
}

t.test('the default is the day before in Tokyo', async (t) => {
  t.strictSame(plan({}), { from: '2026-11-20', to: '2026-11-20', dates: ['2026-11-20'] })
})

t.test('the day changes at midnight in Tokyo, whatever the zone of the process', async (t) => {
  const zone = process.env.TZ
  t.teardown(() => {
    if (zone === undefined) delete process.env.TZ
    else process.env.TZ = zone
  })
  for (const TZ of ['UTC', 'Asia/Tokyo', 'America/Los_Angeles', 'Pacific/Kiritimati']) {
    process.env.TZ = TZ
    t.strictSame(plan({}, '2026-11-18T23:59:59.999+09:00').dates, ['2026-11-17'], TZ)
    t.strictSame(plan({}, '2026-11-19T00:00:00+09:00').dates, ['2026-11-18'], TZ)
    t.strictSame(custom('2026-11-02', '2026-11-04'), ['2026-11-02', '2026-11-04'], `the 3rd is a holiday in ${TZ}`)
  }
})

t.test('a yesterday that was closed becomes the next business day', async (t) => {
  t.strictSame(plan({}, '2026-11-16T09:00:00+09:00').dates, ['2026-11-16'], 'Sunday → Monday')
  t.strictSame(plan({}, '2026-11-22T09:00:00+09:00').dates, ['2026-11-24'], 'Saturday before a holiday → Tuesday')
})

t.test('7 days are calendar days that end yesterday', async (t) => {
  const { from, to, dates } = plan({ period_type: '7days' })
  t.equal(from, '2026-11-14')
  t.equal(to, '2026-11-20')
  t.strictSame(dates, ['2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20'])
})

t.test('30 days are about 21 calls', async (t) => {
  const { from, to, dates } = plan({ period_type: '30days' })
  t.equal(daysInRange(from, to), 30)
  t.equal(dates.length, 21)
  t.ok(dates.every(isBusinessDay))
  const counts = Array.from({ length: 365 }, (_, day) => {
    const reference = new Date(Date.UTC(2026, 0, 1 + day)).toISOString()
    return plan({ period_type: '30days' }, reference).dates.length
  })
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  t.ok(mean > 20 && mean < 21.5, `${mean} on average`)
})

t.test('the year end is closed whatever the weekday', async (t) => {
  t.strictSame(custom('2025-12-27', '2026-01-05'), ['2025-12-29', '2025-12-30', '2026-01-05'])
  t.strictSame(custom('2026-12-31', '2026-12-31'), ['2027-01-04'])
  t.strictSame(custom('2024-12-31', '2025-01-03'), ['2025-01-06'], '3 January 2025 was a Friday')
})

t.test('Golden Week rolls forward as a whole', async (t) => {
  t.strictSame(custom('2026-05-02', '2026-05-06'), ['2026-05-07'])
  t.strictSame(custom('2019-04-27', '2019-05-06'), ['2019-05-07'], 'the ten days of 2019')
})

t.test('substitute and bridging holidays are closed', async (t) => {
  t.notOk(isBusinessDay('2026-05-06'), 'for Constitution Day on a Sunday')
  t.notOk(isBusinessDay('2027-03-22'), 'for the equinox on a Sunday')
  t.notOk(isBusinessDay('2026-09-22'), 'between two holidays')
  t.strictSame(custom('2026-09-19', '2026-09-23'), ['2026-09-24'])
})

t.test('holidays that were moved or made for one year count', async (t) => {
  t.notOk(isBusinessDay('2021-07-23'), 'Sports Day, moved for the Olympics')
  t.ok(isBusinessDay('2021-10-11'), 'where it would have been')
  t.notOk(isBusinessDay('2019-10-22'), 'the enthronement')
})

t.test('days before the first data become its day, once', async (t) => {
  t.strictSame(custom('2008-05-01', '2008-05-08'), ['2008-05-07', '2008-05-08'])
})

t.test('days in the future become the next business day, once', async (t) => {
  const now = new Date('2026-11-21T09:00:00+09:00')
  const payload = { period_type: 'custom', from_date: '2026-11-20', to_date: '2026-12-20' }
  t.strictSame(plan(payload, NOW_TEXT, now).dates, ['2026-11-20', '2026-11-24'])
})

const NOW_TEXT = '2026-11-21T09:00:00+09:00'

t.test('a run stands for the day before its own instant, however late it starts', async (t) => {
  t.strictSame(plan({}, '2026-03-03T18:00:00+09:00').dates, ['2026-03-02'])
})
