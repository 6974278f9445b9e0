import t from 'tap'
import { z } from 'zod'
import { defineTask, PartialResult, type TaskContext } from '../../src/task.ts'
import { runTask } from '../../src/testing/run-task.ts'

const task = (run: (context: TaskContext<{ n: number }>) => Promise<unknown>) =>
  defineTask({ name: 'a', description: '', payload: z.object({ n: z.number().default(1) }), run })

t.test('gives a task what a worker would, and tells what it did with it', async (t) => {
  const outcome = await runTask(
    task(async ({ payload, run, log, progress, count }) => {
      log.warn('careful', { n: payload.n })
      log.info('done')
      await progress(1, 2, 'half')
      count('rows', 2)
      count('rows')
      return { attempt: run.attempt, of: run.maxAttempts, at: new Date(0), left: undefined }
    }),
    {},
    { run: { attempt: 2 } },
  )
  t.strictSame(outcome, {
    result: { attempt: 2, of: 3, at: '1970-01-01T00:00:00.000Z' },
    isPartial: false,
    logs: [
      { level: 'warn', message: 'careful', fields: { n: 1 } },
      { level: 'info', message: 'done', fields: {} },
    ],
    progress: [{ done: 1, total: 2, message: 'half' }],
    counts: { rows: 3 },
  })
})

t.test('fails where a worker would', async (t) => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  await t.rejects(
    runTask(
      task(async () => 1),
      { n: 'x' },
    ),
    { code: 'invalid_payload', message: /^n: / },
  )
  await t.rejects(
    runTask(
      task(async () => circle),
      {},
    ),
    { code: 'invalid_result' },
  )
  await t.rejects(
    runTask(
      task(async ({ count }) => count('Bad')),
      {},
    ),
    RangeError,
  )
  await t.rejects(
    runTask(
      task(async ({ db }) => db),
      {},
    ),
    { message: /runTask was given none/ },
  )
  await t.rejects(
    runTask(
      task(() => Promise.reject(new Error('mine'))),
      {},
    ),
    { message: 'mine' },
  )
})

t.test('nothing is null, and a part is called that', async (t) => {
  t.match(
    await runTask(
      task(async () => undefined),
      {},
    ),
    { result: null, isPartial: false },
  )
  t.match(
    await runTask(
      task(async () => new PartialResult([1])),
      {},
    ),
    { result: [1], isPartial: true },
  )
})
