import { Cron } from 'croner'
import t from 'tap'
import { nextInstant } from '../../src/core/timetable.ts'
import { nothing } from '../support/timetable.ts'

function between(timezone: string, cronExpression: string, from: string, until: string): string[] {
  const timetable = { ...nothing, cronExpression, timezone }
  const found: string[] = []
  for (let next = nextInstant(timetable, Date.parse(from)); next !== null && next <= Date.parse(until); ) {
    found.push(new Date(next).toISOString().slice(5, 16))
    next = nextInstant(timetable, next)
  }
  return found
}

t.test(
  'one second, one minute and one hour without * or a step are a fixed time; all else follows the clock',
  async (t) => {
    const inTheRepeatedHour = (cron: string) =>
      between('America/New_York', cron, '2025-11-02T05:00Z', '2025-11-02T06:59Z')
    for (const fixed of ['30 1 * * *', '0 30 1 * * *', '30 1-1 */1 * *', '30,30 01 ? * ?', '0 30 1 2 NOV SUN 2025']) {
      t.same(inTheRepeatedHour(fixed), ['11-02T05:30'], fixed)
    }
    const following = [
      '30 1,13 * * *',
      '30 1-3 * * *',
      '30 */1 * * *',
      '30 1/12 * * *',
      '30 1-1/1 * * *',
      '30/30 1 * * *',
    ]
    for (const both of [...following, '0/60 30 1 * * *', '30 * * * *']) {
      t.same(inTheRepeatedHour(both), ['11-02T05:30', '11-02T06:30'], both)
    }
  },
)

t.test('a list or a range of times loses those that are skipped', async (t) => {
  const skippingTwoToThree = (cron: string) =>
    between('America/New_York', cron, '2025-03-09T05:00Z', '2025-03-10T04:00Z')
  t.same(skippingTwoToThree('30 2 * * *'), ['03-09T07:00'])
  t.same(skippingTwoToThree('30 2,14 * * *'), ['03-09T18:30'])
  t.same(skippingTwoToThree('0,30 2 * * *'), [])
})

t.test('a gap across midnight moves a fixed time to the next day', async (t) => {
  const inNuuk = (cron: string) => between('America/Nuuk', cron, '2025-03-29T12:00Z', '2025-03-31T12:00Z')
  t.same(inNuuk('30 23 * * *'), ['03-30T01:00', '03-31T00:30'])
  t.same(inNuuk('30 23 29 3 *'), ['03-30T01:00'])
  t.same(inNuuk('0 0 * * *'), ['03-30T01:00', '03-31T01:00'])
  t.same(between('Asia/Pyongyang', '45 23 * * *', '2018-05-04T00:00Z', '2018-05-05T23:00Z'), [
    '05-04T15:00',
    '05-05T14:45',
  ])
})

t.test('a day that is skipped as a whole has no run', async (t) => {
  const inApia = (cron: string) => between('Pacific/Apia', cron, '2011-12-29T12:00Z', '2011-12-31T12:00Z')
  t.same(inApia('0 12 * * *'), ['12-29T22:00', '12-30T22:00'])
  t.same(inApia('0 0 * * *'), ['12-30T10:00', '12-31T10:00'])
  t.same(inApia('0 12 30 12 *'), [])
})

t.test('what comes soon after a skipped day is found from long before it', async (t) => {
  t.same(between('Pacific/Apia', '59 1 1 1 *', '2011-01-01T12:00Z', '2012-01-02T00:00Z'), ['12-31T11:59'])
  t.same(between('Pacific/Fakaofo', '0 */12 31 12 *', '2011-01-01T12:00Z', '2012-01-02T00:00Z'), [
    '12-30T11:00',
    '12-30T23:00',
  ])
})

t.test('an instant in the second pass is not the first one of a fixed time', async (t) => {
  t.same(between('America/New_York', '30 1 * * *', '2025-11-02T05:30Z', '2025-11-03T06:30Z'), ['11-03T06:30'])
  t.same(between('America/New_York', '30 1 * * *', '2025-11-02T06:15Z', '2025-11-03T06:30Z'), ['11-03T06:30'])
})

t.test('croner itself loses a fixed time in a gap across midnight, so it is not asked about zones', async (t) => {
  const alone = new Cron('30 23 * * *', { timezone: 'America/Nuuk' }).nextRun(new Date('2025-03-29T12:00Z'))
  t.equal(
    alone?.toISOString(),
    '2025-03-31T00:30:00.000Z',
    'it would run on the 28th and the 30th, and not on the 29th',
  )
})
