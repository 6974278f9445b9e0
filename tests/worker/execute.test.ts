import t from 'tap'
import { z } from 'zod'
import { PermanentError, RetryLaterError } from '../../src/errors.ts'
import { triggerRun } from '../../src/store/runs.ts'
import { defineTask, PartialResult, type TaskContext } from '../../src/task.ts'
import { nextEvent } from '../support/events.ts'
import { type System, testSystem } from '../support/system.ts'

const tester = { name: 'tester' }

interface TaskUnderTest {
  readonly run: (context: TaskContext<unknown>) => Promise<unknown>
  readonly payload?: z.ZodType
  /** Columns of the schedule besides the necessary ones. */
  readonly schedule?: Record<string, unknown>
}

/** A worker with one task, and a run of it that has been queued. */
async function runOf(
  t: Parameters<typeof testSystem>[0],
  { run, payload = z.unknown(), schedule = {} }: TaskUnderTest,
) {
  const system = await testSystem(t)
  const outcomes = { started: nextEvent(system.events, 'run:started'), finished: finished(system) }
  const worker = await system.startWorker([defineTask({ name: 'under_test', description: '', payload, run })])
  const row = { name: 's', task_name: 'under_test', run_at: '2100-01-01', ...schedule }
  const columns = Object.keys(row)
  await system.pool.query(
    `insert into pgbeat.schedules (${columns}) values (${columns.map((_, index) => `$${index + 1}`)})`,
    Object.values(row),
  )
  return { system, worker, id: (await triggerRun(system.db, tester, 's')) as string, ...outcomes }
}

const finished = (system: System) => nextEvent(system.events, 'run:finished', ({ status }) => status !== 'retrying')
const runRow = (system: System, id: string) =>
  system.row<Record<string, unknown>>(
    `select status, reason, attempt, result, error->>'code' as code, error->>'message' as message,
       started_at is not null as started, finished_at is not null as finished from pgbeat.runs where id = $1`,
    [id],
  )
const attempts = async (system: System) =>
  (await system.pool.query<{ status: string }>('select status from pgbeat.attempts order by attempt')).rows.map(
    ({ status }) => status,
  )

t.test('a run that succeeds keeps its result', async (t) => {
  const { system, id, started, finished } = await runOf(t, {
    run: async ({ run }) => ({ by: run.scheduleName, nul: 'a\0b' }),
  })
  t.match(await started, { runId: id, attempt: 1 })
  t.match(await finished, { status: 'succeeded', result: { by: 's' } })
  t.match(await runRow(system, id), { status: 'succeeded', attempt: 1, result: { by: 's', nul: 'ab' }, finished: true })
  t.same(await attempts(system), ['succeeded'])
})

t.test('a partial result is a success that shows', async (t) => {
  const { system, id, finished } = await runOf(t, { run: async () => new PartialResult({ done: 1 }) })
  await finished
  t.match(await runRow(system, id), { status: 'succeeded', reason: 'partial', result: { done: 1 } })
})

t.test('what fails is tried again, and each attempt is kept', async (t) => {
  const { system, id, finished } = await runOf(t, {
    run: async ({ run }) => {
      if (run.attempt < 3) throw new RetryLaterError('busy', `attempt ${run.attempt}`, 0)
      return run.attempt
    },
  })
  await finished
  t.match(await runRow(system, id), { status: 'succeeded', attempt: 3, result: 3 })
  t.same(await attempts(system), ['failed', 'failed', 'succeeded'])
})

t.test('after max_attempts it has failed', async (t) => {
  const { system, id, finished } = await runOf(t, {
    run: async () => {
      throw new RetryLaterError('busy', 'not now', 0)
    },
    schedule: { max_attempts: 2 },
  })
  await finished
  t.match(await runRow(system, id), { status: 'failed', attempt: 2, code: 'busy', message: 'not now', finished: true })
})

t.test('between attempts it waits, in the queue and not in the worker', async (t) => {
  const { system, id } = await runOf(t, {
    run: async () => {
      throw new Error('transient')
    },
  })
  await nextEvent(system.events, 'run:finished')
  t.match(await runRow(system, id), { status: 'retrying', attempt: 1, code: 'error', finished: false })
  const { wait } = await system.row<{ wait: number }>(
    'select max(extract(epoch from run_at - now()))::float8 as wait from graphile_worker.jobs where locked_at is null',
  )
  t.ok(wait > 0 && wait <= 5, `the next attempt is in ${wait} s`)
})

t.test('what would fail again fails now', async (t) => {
  const failures: Record<string, (context: TaskContext<unknown>) => Promise<unknown>> = {
    no_such_company: async () => {
      throw new PermanentError('no_such_company', 'there is none')
    },
    '42P01': ({ db }) => db.query('select * from nowhere'),
    invalid_result: async () => ({ count: 1n }),
  }
  for (const [code, run] of Object.entries(failures)) {
    const { system, id, finished } = await runOf(t, { run })
    await finished
    t.match(await runRow(system, id), { status: 'failed', attempt: 1, code })
  }
})

t.test('a payload that does not fit is told before the task runs', async (t) => {
  let ran = false
  const { system, id, finished } = await runOf(t, {
    payload: z.object({ date: z.iso.date() }),
    run: async () => {
      ran = true
    },
    schedule: { payload: { date: 'soon' } },
  })
  await finished
  t.match(await runRow(system, id), { status: 'failed', code: 'invalid_payload', message: /^date: / })
  t.notOk(ran)
})

t.test('an attempt that takes too long is ended, whether the task listens or not', async (t) => {
  const { system, id, finished } = await runOf(t, {
    run: () => new Promise(() => {}),
    schedule: { timeout: '50 milliseconds', max_attempts: 1 },
  })
  await finished
  t.match(await runRow(system, id), { status: 'failed', reason: 'timeout', code: 'timeout' })
  t.same(await attempts(system), ['timed_out'])
})

t.test('an outcome waits for a Postgres that is read-only until it is promoted', async (t) => {
  const becomes = async (isReadOnly: boolean) => {
    await system.pool.query(`do $$ begin
      execute format('alter database %I set default_transaction_read_only to ${isReadOnly}', current_database());
      perform pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'pgbeat worker';
    end $$`)
  }
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>()
  const { system, id, started, finished } = await runOf(t, { run: () => mayEnd.then(() => 'done') })
  await started
  await becomes(true)
  const isReadOnly = ({ error }: { error: unknown }) => (error as { code?: string }).code === '25006'
  const refused = nextEvent(system.events, 'component:failed', isReadOnly)
  end()
  await refused
  await becomes(false)
  t.match(await finished, { status: 'succeeded' })
  t.match(await runRow(system, id), { status: 'succeeded', attempt: 1, result: 'done' })
})

t.test('progress shows while the run goes on', async (t) => {
  const reported = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const { system, finished } = await runOf(t, {
    run: async ({ progress }) => {
      await progress(1, 4, 'a quarter')
      reported.resolve()
      await goOn.promise
    },
  })
  await reported.promise
  t.match(await system.row('select status, progress from pgbeat.runs'), {
    status: 'running',
    progress: { done: 1, total: 4, message: 'a quarter' },
  })
  goOn.resolve()
  await finished
})

t.test('a job that is delivered twice runs once', async (t) => {
  let runs = 0
  const { system, worker, finished } = await runOf(t, {
    run: async () => {
      runs += 1
    },
  })
  const { run_id, scheduled_for } = await system.row<{ run_id: string; scheduled_for: string }>(
    'select id::text as run_id, scheduled_for::text from pgbeat.runs',
  )
  await finished
  const payload = JSON.stringify({ run_id, scheduled_for, attempt: 1 })
  await system.pool.query(`select graphile_worker.add_job('under_test', $1)`, [payload])
  const next = nextEvent(system.events, 'run:finished')
  await triggerRun(system.db, tester, 's')
  await next
  await worker.stop()
  t.equal(runs, 2, 'the first run and the one triggered after it')
})

t.test('the outcome of an attempt that was given up for lost is refused', async (t) => {
  const running = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const { system, id } = await runOf(t, {
    run: async () => {
      running.resolve()
      await goOn.promise
      return 'too late'
    },
  })
  await running.promise
  await system.pool.query(`update pgbeat.runs set status = 'retrying' where id = $1`, [id])
  const refused = nextEvent(system.events, 'run:outcome-refused')
  goOn.resolve()
  t.match(await refused, { runId: id, attempt: 1 })
  t.match(await runRow(system, id), { status: 'retrying', result: null })
})

t.test('a worker that is told to stop finishes what it has begun, and takes its row away', async (t) => {
  const running = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const { system, worker, id } = await runOf(t, {
    run: async () => {
      running.resolve()
      await goOn.promise
      return 'done'
    },
  })
  await running.promise
  t.match(await system.row('select kind, tasks, concurrency, worker_pool_id from pgbeat.nodes'), {
    kind: 'worker',
    tasks: ['under_test'],
    concurrency: 4,
    worker_pool_id: /^pool-/,
  })
  const stopped = worker.stop()
  goOn.resolve()
  await stopped
  t.match(await runRow(system, id), { status: 'succeeded', result: 'done' })
  t.same(await system.row('select count(*)::int as nodes from pgbeat.nodes'), { nodes: 0 })
})
