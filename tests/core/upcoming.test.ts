import t from 'tap'
import { TimetableError } from '../../src/core/timetable-error.ts'
import { requireUpcoming, upcoming } from '../../src/core/upcoming.ts'
import { nothing } from '../support/timetable.ts'

const inNewYork = { ...nothing, timezone: 'America/New_York' }
const at = (text: string) => Date.parse(text)

t.test('the next instants, in UTC and as clocks show them, with what a clock change did', async (t) => {
  t.same(upcoming({ ...inNewYork, cronExpression: '30 2 * * *' }, at('2025-03-08T07:30Z'), 2), [
    { at: at('2025-03-09T07:00Z'), local: '2025-03-09T03:00:00-04:00', clockChange: 'moved' },
    { at: at('2025-03-10T06:30Z'), local: '2025-03-10T02:30:00-04:00', clockChange: null },
  ])
})

t.test('every and run_at are shown in the zone too', async (t) => {
  const hourly = { ...inNewYork, everyMs: 3_600_000, anchor: at('2025-11-02T05:00Z') }
  t.same(upcoming(hourly, at('2025-11-02T05:00Z'), 1), [
    { at: at('2025-11-02T06:00Z'), local: '2025-11-02T01:00:00-05:00', clockChange: null },
  ])
  t.same(upcoming({ ...inNewYork, runAt: at('2026-07-01T00:00Z') }, 0, 5), [
    { at: at('2026-07-01T00:00Z'), local: '2026-06-30T20:00:00-04:00', clockChange: null },
  ])
})

t.test('no more than there are', async (t) => {
  const ending = { ...inNewYork, cronExpression: '0 * * * *', endsAt: at('2026-01-01T02:30Z') }
  t.equal(upcoming(ending, at('2026-01-01T00:00Z'), 100).length, 2)
  t.same(upcoming({ ...inNewYork, cronExpression: '0 0 31 2 *' }, 0, 1), [])
})

t.test('an expression that never fires again is a mistake, one whose end is over is not', async (t) => {
  t.throws(() => requireUpcoming({ ...inNewYork, cronExpression: '0 0 31 2 *' }, 0, 1), TimetableError)
  t.same(requireUpcoming({ ...inNewYork, cronExpression: '0 * * * *', endsAt: 0 }, 1, 1), [])
  t.equal(requireUpcoming({ ...inNewYork, cronExpression: '0 * * * *' }, 0, 3).length, 3)
})
