import { once } from 'node:events'
import { pino } from 'pino'
import t from 'tap'
import { z } from 'zod'
import { defineTask } from '../../src/task.ts'
import { runWorker } from '../../src/worker/run-worker.ts'
import { testSystem } from '../support/system.ts'

const task = (name: string, run: () => Promise<unknown>, description = '') =>
  defineTask({ name, description, payload: z.unknown(), run })

t.test('a run that is under way ends with the task that it began with, and later ones have the new', async (t) => {
  const { connectionString, events, row, startTick } = await testSystem(t)
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>()
  const before = task('a', async () => {
    await mayEnd
    return 'before'
  })
  const options = { connectionString, concurrency: 2, drainMs: 5_000, events, log: pino({ level: 'silent' }) }
  const worker = await runWorker({ ...options, tasks: [before, task('gone', async () => 'gone')] })
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= worker.stop()
    return stopped
  }
  t.teardown(stop)
  startTick()
  await row(
    `insert into pgbeat.schedules (name, task_name, run_at, overlap_policy) values ('a', 'a', '9000-01-01', 'allow')`,
  )

  const started = once(events, 'run:started')
  await row(`select pgbeat.trigger('a')`)
  await started
  await worker.replaceTasks([task('a', async () => 'after', 'newer'), task('b', async () => 'b')])
  t.match(await row(`select description from pgbeat.tasks where name = 'a'`), { description: 'newer' })
  t.match(await row(`select count(*)::int from pgbeat.tasks where name in ('a', 'b')`), { count: 2 })

  let finished = once(events, 'run:finished')
  await row(`select pgbeat.trigger('a')`)
  t.match(await finished, [{ status: 'succeeded', result: 'after' }])
  finished = once(events, 'run:finished')
  end()
  t.match(await finished, [{ status: 'succeeded', result: 'before' }])

  await row(`insert into pgbeat.schedules (name, task_name, run_at) values ('b', 'b', '9000-01-01')`)
  finished = once(events, 'run:finished')
  await row(`select pgbeat.trigger('b')`)
  t.match(await finished, [{ result: 'b' }])
  await worker.replaceTasks([before])
  await worker.replaceTasks([task('a', async () => 'third')])
  finished = once(events, 'run:finished')
  await row(`select pgbeat.trigger('a')`)
  t.match(await finished, [{ result: 'third' }])
  await stop()
  t.match(await row('select count(*)::int from pgbeat.nodes where kind = $1', ['worker']), { count: 0 })
})
