import t from 'tap'
import { runStatuses, statusesBefore } from '../../src/core/run-state.ts'

t.test('what a run must have been to become something', async (t) => {
  t.same(statusesBefore('running'), ['queued', 'retrying'])
  t.same(statusesBefore('succeeded'), ['running'])
  t.same(statusesBefore('waiting'), [])
})

t.test('all that becomes of a run that is over is that a backfill or an operator queues it again', async (t) => {
  for (const over of ['succeeded', 'failed', 'cancelled', 'skipped', 'missed'] as const) {
    t.same(
      runStatuses.filter((status) => statusesBefore(status).includes(over)),
      ['queued'],
      over,
    )
  }
})
