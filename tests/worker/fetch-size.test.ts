import { EventEmitter } from 'node:events'
import type { WorkerEvents } from 'graphile-worker'
import t, { type Test } from 'tap'
import { JobSupply } from '../../src/worker/job-supply.ts'

const concurrency = 20

/** A supply on a clock of the test's own, and how many jobs it would fetch for so many workers that wait for one. */
function supplied(t: Test) {
  let now = 1_000
  t.intercept(performance, 'now', { value: () => now })
  const events = new EventEmitter() as WorkerEvents
  const supply = new JobSupply(events, { concurrency, onFetched: () => {} })
  const localQueue = { workerQueue: [] as unknown[], getJobBatchSize: 0, mode: 'POLLING', fetch: () => {} }
  events.emit('localQueue:init', { localQueue } as never)
  return {
    begin: () => supply.begin(),
    pass(ms: number) {
      now += ms
    },
    /** As many tasks, one after the other, each of which takes so long. */
    work(tasks: number, ms: number) {
      for (let task = 0; task < tasks; task += 1) {
        const end = supply.begin()
        now += ms
        end()
      }
    },
    sizeFor(workers: number) {
      localQueue.workerQueue = Array.from({ length: workers })
      return localQueue.getJobBatchSize
    },
  }
}

t.test('of tasks that nothing is known of, as many as there are workers free', async (t) => {
  t.equal(supplied(t).sizeFor(4), 4)
})

t.test('of short ones hundreds, from the first fetch after a rest on', async (t) => {
  const { work, pass, sizeFor } = supplied(t)
  work(1, 0.5)
  pass(3_600_000)
  t.ok(sizeFor(4) >= 256, `${sizeFor(4)}`)
})

t.test('of long ones none ahead', async (t) => {
  const { work, sizeFor } = supplied(t)
  work(10, 30_000)
  t.ok(sizeFor(4) <= 5, `${sizeFor(4)}`)
})

t.test('slots that long tasks keep begin nothing', async (t) => {
  const { begin, work, pass, sizeFor } = supplied(t)
  work(10, 5)
  const ahead = sizeFor(0)
  for (let slot = 0; slot < concurrency - 2; slot += 1) begin()
  t.equal(sizeFor(0), ahead, 'they may be short')
  pass(1_000)
  t.ok(sizeFor(0) > 0 && sizeFor(0) <= ahead / 8, `${sizeFor(0)} of ${ahead}`)
  begin()
  begin()
  pass(1_000)
  t.equal(sizeFor(0), 0)
})

t.test('one that took for hours is soon forgotten', async (t) => {
  const { work, sizeFor } = supplied(t)
  work(10, 1)
  work(1, 3 * 3_600_000)
  work(100, 1)
  t.ok(sizeFor(0) >= 256, `${sizeFor(0)}`)
})
