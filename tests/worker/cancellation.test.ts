import { once } from 'node:events'
import t from 'tap'
import { z } from 'zod'
import { RetryLaterError } from '../../src/errors.ts'
import { recoverDeadWorkers } from '../../src/store/recovery.ts'
import { triggerRun } from '../../src/store/runs.ts'
import { defineTask, type TaskContext } from '../../src/task.ts'
import { nextEvent } from '../support/events.ts'
import { type System, testSystem } from '../support/system.ts'

const tester = { name: 'tester' }

const endsWhenTold = async ({ signal }: TaskContext<unknown>) => {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}

/** A worker that is executing a run. */
async function underWay(t: Parameters<typeof testSystem>[0], run: (context: TaskContext<unknown>) => Promise<unknown>) {
  const system = await testSystem(t)
  const worker = await system.startWorker([
    defineTask({ name: 'under_test', description: '', payload: z.unknown(), run }),
  ])
  const started = nextEvent(system.events, 'run:started')
  await system.pool.query(
    `insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'under_test', '2100-01-01')`,
  )
  const id = (await triggerRun(system.db, tester, 's')) as string
  await started
  return { system, worker, id }
}

const runRow = (system: System, id: string) =>
  system.row<Record<string, unknown>>(
    `select r.status, r.reason, r.attempt, r.finished_at is not null as finished, r.error->>'code' as code,
       a.status as attempt_status
     from pgbeat.runs r left join pgbeat.attempts a on a.run_id = r.id and a.attempt = r.attempt where r.id = $1`,
    [id],
  )
const cancel = (system: System, id: string) => system.row('select pgbeat.cancel($1) as cancelled', [id])

const cancelledRun = {
  status: 'cancelled',
  reason: 'cancelled',
  attempt: 1,
  finished: true,
  code: 'cancelled',
  attempt_status: 'cancelled',
}

t.test('a running run that is cancelled ends at once, and is not tried again', async (t) => {
  const { system, id } = await underWay(t, endsWhenTold)
  const finished = nextEvent(system.events, 'run:finished')
  const askedAt = performance.now()
  t.same(await cancel(system, id), { cancelled: true })
  t.match(await finished, { status: 'cancelled', reason: 'cancelled' })
  const tookMs = performance.now() - askedAt
  t.ok(tookMs < 500, `it took ${tookMs.toFixed(0)} ms`)
  t.same(await runRow(system, id), cancelledRun)
  t.same(await cancel(system, id), { cancelled: false }, 'what is over is not cancelled again')
})

t.test('a task that does not heed the signal is no longer waited for', async (t) => {
  const { promise: never, resolve } = Promise.withResolvers<void>()
  t.teardown(resolve)
  const { system, id } = await underWay(t, () => never)
  const finished = nextEvent(system.events, 'run:finished')
  await cancel(system, id)
  await finished
  t.same(await runRow(system, id), cancelledRun)
})

t.test('the worker finds out by itself when it was not told', async (t) => {
  const { system, id } = await underWay(t, endsWhenTold)
  const finished = nextEvent(system.events, 'run:finished')
  await system.pool.query(
    `update pgbeat.runs set cancel_requested_at = clock_timestamp(), reason = 'cancelled' where id = $1`,
    [id],
  )
  await finished
  t.same(await runRow(system, id), cancelledRun)
})

t.test('it listens again after its session was ended', async (t) => {
  const { system, id } = await underWay(t, endsWhenTold)
  await system.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
       and application_name like 'pgbeat cancellations%'`,
  )
  const finished = nextEvent(system.events, 'run:finished')
  await cancel(system, id)
  await finished
  t.same(await runRow(system, id), cancelledRun)
})

t.test('a run that nobody executes is over at once, and its job ends without a trace', async (t) => {
  const { system, worker } = await underWay(t, async () => 'done')
  await worker.stop()
  const id = (await triggerRun(system.db, tester, 's')) as string
  t.same(await cancel(system, id), { cancelled: true })
  const cancelled = { status: 'cancelled', reason: 'cancelled', attempt: 0, finished: true, code: null }
  t.match(await runRow(system, id), cancelled)
  const after = nextEvent(system.events, 'run:finished')
  await triggerRun(system.db, tester, 's')
  await system.startWorker([
    defineTask({ name: 'under_test', description: '', payload: z.unknown(), run: async () => 'done' }),
  ])
  t.match(await after, { status: 'succeeded' })
  t.match(await runRow(system, id), cancelled)
})

t.test('a run between attempts is not tried again', async (t) => {
  const { system, id } = await underWay(t, async () => {
    throw new RetryLaterError('busy', 'later', 3_600_000)
  })
  await nextEventOrNow(system, id, 'retrying')
  t.same(await cancel(system, id), { cancelled: true })
  t.match(await runRow(system, id), { status: 'cancelled', finished: true, attempt: 1 })
})

t.test('an attempt that fails before it hears of the cancellation is the last one', async (t) => {
  const toFail = Promise.withResolvers<void>()
  const { system, id } = await underWay(t, async () => {
    await toFail.promise
    throw new Error('failed meanwhile')
  })
  const finished = nextEvent(system.events, 'run:finished')
  await system.pool.query(
    `update pgbeat.runs set cancel_requested_at = clock_timestamp(), reason = 'cancelled' where id = $1`,
    [id],
  )
  toFail.resolve()
  t.match(await finished, { status: 'cancelled' })
})

t.test('an attempt that was given up for lost is told to end, and the next one of the same run is not', async (t) => {
  const told: { attempt: number; code: string }[] = []
  const secondBegan = Promise.withResolvers<void>()
  const { system, id } = await underWay(t, async (context) => {
    const { attempt } = context.run
    if (attempt === 2) secondBegan.resolve()
    return endsWhenTold(context).catch((reason) => {
      told.push({ attempt, code: reason.code })
      throw reason
    })
  })
  const refused = nextEvent(system.events, 'run:outcome-refused')
  await recoverDeadWorkers(system.db, 0)
  await secondBegan.promise
  t.match(await refused, { runId: id, attempt: 1 })
  t.same(told, [{ attempt: 1, code: 'attempt_lost' }])
  const finished = nextEvent(system.events, 'run:finished')
  await cancel(system, id)
  t.match(await finished, { status: 'cancelled', attempt: 2 })
  t.same(told[1], { attempt: 2, code: 'cancelled' })
})

t.test('replace: the running run is ended, and the new one begins', async (t) => {
  const started: string[] = []
  const { system } = await underWay(t, async (context) => {
    started.push(context.run.id)
    return started.length === 1 ? endsWhenTold(context) : 'the new one'
  })
  const cancelled = nextEvent(system.events, 'run:finished', ({ status }) => status === 'cancelled')
  const succeeded = nextEvent(system.events, 'run:finished', ({ status }) => status === 'succeeded')
  system.startTick()
  await system.pool.query(
    `update pgbeat.schedules set overlap_policy = 'replace', run_at = null, every = '1 second', max_runs = 1`,
  )
  t.match(await cancelled, { reason: 'replaced' })
  t.match(await succeeded, { result: 'the new one' })
})

/** Resolves when a run has a status, which it may have already. */
async function nextEventOrNow(system: System, id: string, status: string): Promise<void> {
  const changed = nextEvent(system.events, 'run:finished', (event) => event.status === status)
  if ((await runRow(system, id)).status !== status) await changed
}
