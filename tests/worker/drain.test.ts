import t from 'tap'
import { z } from 'zod'
import { publishTasks } from '../../src/store/tasks.ts'
import { defineTask } from '../../src/task.ts'
import { nextEvent } from '../support/events.ts'
import { type Process, startProcess, testWorker } from '../support/process.ts'
import { testSystem } from '../support/system.ts'

/** A worker process in the middle of a run of each of these tasks. */
async function busyWorker(
  t: Parameters<typeof testSystem>[0],
  tasks: Record<string, unknown>,
  { drainSeconds, maxAttempts = 1 }: { drainSeconds: number; maxAttempts?: number },
) {
  const system = await testSystem(t)
  const environment = { PGBEAT_DRAIN_SECONDS: String(drainSeconds) }
  const names = Object.keys(tasks)
  await publishTasks(
    system.db,
    names.map((name) => ({ name, description: '', payloadSchema: {} })),
  )
  for (const [name, payload] of Object.entries(tasks)) {
    await system.pool.query(
      `insert into pgbeat.schedules (name, task_name, run_at, payload, max_attempts) values ($1, $1, '2100-01-01', $2, $3)`,
      [name, JSON.stringify(payload), maxAttempts],
    )
  }
  const worker = startProcess(t, testWorker, system.connectionString, environment)
  await worker.logged('worker started')
  for (const name of names) {
    await system.pool.query('select pgbeat.trigger($1)', [name])
    await started(worker, name)
  }
  return { system, worker, startWorker: () => startProcess(t, testWorker, system.connectionString) }
}

const started = (worker: Process, name: string) =>
  worker.logged('run started', ({ scheduleName }) => scheduleName === name)
const succeeded = (worker: Process, name: string) =>
  worker.logged('run succeeded', ({ scheduleName }) => scheduleName === name)

t.setTimeout(120_000)

t.test('what ends before the deadline has succeeded, and nothing new is begun', async (t) => {
  const { system, worker, startWorker } = await busyWorker(t, { last: 500 }, { drainSeconds: 30 })
  const stopped = worker.stop()
  await worker.logged('worker stopping: finishing what is under way')
  await system.pool.query(`select pgbeat.trigger('last')`)
  t.equal(await stopped, 0)
  const statuses = `select status, attempt from pgbeat.runs order by id`
  t.same((await system.pool.query(statuses)).rows, [
    { status: 'succeeded', attempt: 1 },
    { status: 'queued', attempt: 0 },
  ])
  const next = startWorker()
  await succeeded(next, 'last')
})

t.test('a job that comes just as the worker stops is put back in its place', async (t) => {
  const system = await testSystem(t)
  const task = defineTask({ name: 'any', description: '', payload: z.unknown(), run: async () => 'done' })
  const worker = await system.startWorker([task], 1)
  await system.pool.query(`insert into pgbeat.schedules (name, task_name, run_at, queue_name)
    values ('first', 'any', '2100-01-01', 'q'), ('second', 'any', '2100-01-01', 'q')`)
  const locker = await system.pool.connect()
  await locker.query(`begin; lock table graphile_worker._private_jobs;
    select pgbeat.trigger('first'); select pgbeat.trigger('second');
    -- As if they had not been added in one transaction: whoever is older goes first.
    update graphile_worker._private_jobs set run_at = run_at + id * interval '1 microsecond'`)
  const asking = `select from pg_stat_activity
    where datname = current_database() and application_name = 'pgbeat jobs' and wait_event_type = 'Lock'`
  while ((await system.pool.query(asking)).rowCount === 0) {}
  const stopped = worker.stop()
  await locker.query('commit')
  locker.release()
  await stopped
  t.same((await system.pool.query('select status from pgbeat.runs')).rows, [{ status: 'queued' }, { status: 'queued' }])
  t.match(await system.row('select count(*)::int as jobs, count(locked_at)::int as locked from graphile_worker.jobs'), {
    jobs: 2,
    locked: 0,
  })
  const order: string[] = []
  system.events.on('run:started', ({ scheduleName }) => order.push(scheduleName))
  const finished = nextEvent(system.events, 'run:finished', () => order.length === 2)
  await system.startWorker([task], 4)
  await finished
  t.same(order, ['first', 'second'])
})

t.test('after the deadline runs are handed back, whether their tasks heed the signal or not', async (t) => {
  const { system, worker, startWorker } = await busyWorker(t, { heed: null, hang: null }, { drainSeconds: 0.2 })
  const other = startWorker()
  await other.logged('worker started')
  const askedAt = performance.now()
  const exited = worker.stop()
  await succeeded(other, 'heed')
  const heededMs = performance.now() - askedAt
  await succeeded(other, 'hang')
  const handedBackMs = performance.now() - askedAt
  t.equal(await exited, 0)
  const exitedMs = performance.now() - askedAt
  t.comment(
    `elsewhere after ${heededMs.toFixed(0)} and ${handedBackMs.toFixed(0)} ms, exited after ${exitedMs.toFixed(0)} ms`,
  )
  t.ok(heededMs < 1_500, 'one that heeds the signal is done elsewhere at once')
  t.ok(handedBackMs < 4_500, 'nobody had to find out that the worker is gone')
  t.ok(exitedMs < 6_000, 'a task that goes on does not keep the process')
  const attempts = await system.pool.query(
    `select a.attempt, a.status, r.status as run, r.max_attempts, a.error->>'code' as code
     from pgbeat.attempts a join pgbeat.runs r on r.id = a.run_id order by r.task_name, a.attempt`,
  )
  const outcome = [
    { attempt: 1, status: 'worker_stopped', run: 'succeeded', max_attempts: 2, code: 'worker_stopped' },
    { attempt: 2, status: 'succeeded', run: 'succeeded', max_attempts: 2, code: null },
  ]
  t.same(attempts.rows, [...outcome, ...outcome], 'it did not cost them the one attempt that they had')
  t.same((await system.pool.query('select from pgbeat.nodes')).rowCount, 1, 'its row is gone')
  t.same((await system.pool.query('select from graphile_worker.jobs')).rowCount, 0, 'no job is left')
})

t.test('a task is not begun any more when opening its attempt took until the deadline', async (t) => {
  const system = await testSystem(t)
  let begun = 0
  const run = async () => {
    begun += 1
  }
  const worker = await system.startWorker(
    [defineTask({ name: 'any', description: '', payload: z.unknown(), run })],
    1,
    0,
  )
  await system.pool.query(`insert into pgbeat.schedules (name, task_name, run_at) values ('any', 'any', '2100-01-01')`)
  const locker = await system.pool.connect()
  await locker.query('begin; lock table pgbeat.attempts in share mode')
  await system.pool.query(`select pgbeat.trigger('any')`)
  const opening = `select from pg_stat_activity
    where datname = current_database() and application_name = 'pgbeat worker' and wait_event_type = 'Lock'`
  while ((await system.pool.query(opening)).rowCount === 0) {}
  const stopped = worker.stop()
  await system.pool.query('select pg_sleep(0.2)')
  await locker.query('commit')
  locker.release()
  await stopped
  t.equal(begun, 0)
  t.match(await system.row('select status, attempt, max_attempts from pgbeat.runs'), {
    status: 'retrying',
    attempt: 1,
    max_attempts: 4,
  })
})

t.test('a task in the middle of a statement does not keep the worker', async (t) => {
  const system = await testSystem(t)
  const query = defineTask({
    name: 'query',
    description: '',
    payload: z.unknown(),
    run: async ({ db }) => {
      await db.query('select pg_sleep(60)')
    },
  })
  const borrow = defineTask({
    name: 'borrow',
    description: '',
    payload: z.unknown(),
    run: async ({ db }) => {
      await db.connect()
      await new Promise(() => {})
    },
  })
  const worker = await system.startWorker([query, borrow], 4, 0)
  await system.pool.query(`insert into pgbeat.schedules (name, task_name, run_at)
    values ('query', 'query', '2100-01-01'), ('borrow', 'borrow', '2100-01-01')`)
  await system.pool.query(`select pgbeat.trigger('query'), pgbeat.trigger('borrow')`)
  const theirs = `select from pg_stat_activity
    where datname = current_database() and application_name = 'pgbeat tasks'`
  while ((await system.pool.query(theirs)).rowCount !== 2) {}
  const askedAt = performance.now()
  await worker.stop()
  t.ok(performance.now() - askedAt < 8_000)
  t.same((await system.pool.query('select status from pgbeat.runs')).rows, [
    { status: 'retrying' },
    { status: 'retrying' },
  ])
})

t.test('a second signal ends the process at once', async (t) => {
  const { system, worker } = await busyWorker(t, { hang: null }, { drainSeconds: 30 })
  const exitCode = worker.stop()
  await worker.logged('worker stopping: finishing what is under way')
  // The two are one signal when they come together.
  await system.pool.query('select pg_sleep(0.4)')
  const askedAt = performance.now()
  void worker.stop()
  t.equal(await exitCode, 130)
  t.ok(performance.now() - askedAt < 1_000)
})
