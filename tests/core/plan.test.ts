import t from 'tap'
import { plan, type UnplannedSchedule } from '../../src/core/plan.ts'
import { nothing } from '../support/timetable.ts'

const schedule: UnplannedSchedule = {
  timetable: { ...nothing, cronExpression: '* * * * *' },
  activeSince: 60_000,
  lastRunAt: null,
  maxRuns: null,
  runCount: 0,
}

t.test('the first instant is at or after the one from which the timetable holds', async (t) => {
  t.same(plan(schedule), { nextRunAt: 60_000, error: null })
  t.same(plan({ ...schedule, activeSince: 60_001 }), { nextRunAt: 120_000, error: null })
})

t.test('an instant that has a run already is not planned again', async (t) => {
  t.same(plan({ ...schedule, lastRunAt: 60_000 }), { nextRunAt: 120_000, error: null })
})

t.test('a schedule that is over is finished, which is no error', async (t) => {
  const finished = { nextRunAt: null, error: null }
  t.same(plan({ ...schedule, maxRuns: 2, runCount: 2 }), finished)
  t.same(plan({ ...schedule, timetable: { ...schedule.timetable, endsAt: 1 } }), finished)
  t.same(plan({ ...schedule, timetable: { ...schedule.timetable, cronExpression: null, runAt: 1 } }), finished)
})

t.test("an expression that can't be read or never fires is an error", async (t) => {
  const withCron = (cronExpression: string) => ({ ...schedule, timetable: { ...schedule.timetable, cronExpression } })
  t.match(plan(withCron('0 0 31 2 *')), { error: 'it never fires again', field: 'cron_expression' })
  t.match(plan(withCron('0 0 * * 1#9')), { error: /out of range/, field: 'cron_expression' })
})
