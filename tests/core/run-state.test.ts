import t from 'tap'
import { runStatuses, statusesBefore } from '../../src/core/run-state.ts'

t.test('what a run must have been to become something', async (t) => {
  t.same(statusesBefore('running'), ['queued', 'retrying'])
  t.same(statusesBefore('succeeded'), ['running'])
  t.same(statusesBefore('queued'), ['waiting'])
})

t.test('nothing becomes of a run that is over', async (t) => {
  for (const over of ['succeeded', 'failed', 'cancelled', 'skipped', 'missed'] as const) {
    t.notOk(
      runStatuses.some((status) => statusesBefore(status).includes(over)),
      over,
    )
  }
})
