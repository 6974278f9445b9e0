import t from 'tap'
import { z } from 'zod'
import { leave } from '../../src/store/nodes.ts'
import { recoverDeadWorkers } from '../../src/store/recovery.ts'
import { triggerRun } from '../../src/store/runs.ts'
import { publishTasks } from '../../src/store/tasks.ts'
import { defineTask } from '../../src/task.ts'
import { nextEvent } from '../support/events.ts'
import { startProcess, testWorker } from '../support/process.ts'
import { testSystem } from '../support/system.ts'

const tester = { name: 'tester' }

const rescued = defineTask({
  name: 'hang',
  description: 'Ends at once',
  payload: z.unknown(),
  run: async ({ run }) => `attempt ${run.attempt}`,
})

async function systemWithHangingRun(t: Parameters<typeof testSystem>[0], maxAttempts: number) {
  const system = await testSystem(t)
  await publishTasks(system.db, [{ name: 'hang', description: '', payloadSchema: {} }])
  await system.pool.query(
    `insert into pgbeat.schedules (name, task_name, run_at, max_attempts) values ('s', 'hang', '2100-01-01', $1)`,
    [maxAttempts],
  )
  const worker = startProcess(t, testWorker, system.connectionString)
  const id = await triggerRun(system.db, tester, 's')
  await worker.logged('run started')
  return { system, id, worker }
}

t.test('what a killed worker had begun is done by another one within ten seconds', async (t) => {
  const { system, id, worker } = await systemWithHangingRun(t, 3)
  await system.startWorker([rescued])
  const elected = nextEvent(system.events, 'leader:elected')
  system.startTick()
  await elected
  const recovered = nextEvent(system.events, 'workers:recovered')
  const finished = nextEvent(system.events, 'run:finished')
  void worker.kill()
  const killedAt = performance.now()
  t.match(await recovered, { lostRuns: [{ runId: id, scheduleName: 's', attempt: 1, status: 'retrying' }] })
  t.match(await finished, { status: 'succeeded', attempt: 2, result: 'attempt 2' })
  const tookMs = performance.now() - killedAt
  t.ok(tookMs < 10_000, `recovered after ${tookMs.toFixed(0)} ms`)
  const { rows } = await system.pool.query(
    `select attempt, status, error->>'code' as code from pgbeat.attempts order by 1`,
  )
  t.same(rows, [
    { attempt: 1, status: 'worker_lost', code: 'worker_lost' },
    { attempt: 2, status: 'succeeded', code: null },
  ])
})

t.test('with no attempt left it has failed, and says why', async (t) => {
  const { system, id } = await systemWithHangingRun(t, 1)
  await recoverDeadWorkers(system.db, 0)
  t.match(await system.row(`select status, reason, error from pgbeat.runs where id = $1`, [id]), {
    status: 'failed',
    reason: 'worker_lost',
    error: { code: 'worker_lost' },
  })
})

t.test('a worker goes on after graphile-worker has given up', async (t) => {
  const system = await testSystem(t)
  // Its statement that completes a job fails when the table is not there, and it ends for that.
  const hide = 'alter table graphile_worker._private_jobs rename to hidden'
  const show = 'alter table graphile_worker.hidden rename to _private_jobs'
  const sabotage = defineTask({
    name: 'hang',
    description: 'Makes its own completion fail',
    payload: z.unknown(),
    run: async ({ run, db }) => {
      if (run.scheduleName === 'saboteur') await db.query(hide)
    },
  })
  await system.startWorker([sabotage])
  await system.pool.query(
    `insert into pgbeat.schedules (name, task_name, run_at) values ('saboteur', 'hang', '2100-01-01'), ('s', 'hang', '2100-01-01')`,
  )
  const again = nextEvent(system.events, 'worker:started')
  await triggerRun(system.db, tester, 'saboteur')
  await again
  await system.pool.query(show)
  const finished = nextEvent(system.events, 'run:finished', ({ scheduleName }) => scheduleName === 's')
  await triggerRun(system.db, tester, 's')
  t.match(await finished, { status: 'succeeded' })
  const { count } = await system.row<{ count: number }>('select count(*)::int from pgbeat.nodes')
  t.equal(count, 2, 'the row of the one that gave up stays, so that its jobs are recovered')
})

t.test('a run whose worker is gone without a trace is found all the same', async (t) => {
  const { system, id, worker } = await systemWithHangingRun(t, 3)
  await worker.kill()
  await system.pool.query('delete from pgbeat.nodes')
  const atOnce = await recoverDeadWorkers(system.db, 60_000)
  t.same(atOnce.lostRuns, [], 'what has only just begun may be of a worker that comes back')
  await system.pool.query(`update pgbeat.attempts set started_at = now() - interval '2 minutes'`)
  t.match((await recoverDeadWorkers(system.db, 60_000)).lostRuns, [{ runId: id, status: 'retrying' }])
})

t.test('a worker that leaves unlocks what it could not finish', async (t) => {
  const { system, worker } = await systemWithHangingRun(t, 3)
  await worker.kill()
  const locked = () =>
    system.row<{ count: number }>('select count(*)::int from graphile_worker.jobs where locked_by is not null')
  t.same(await locked(), { count: 1 })
  const { id } = await system.row<{ id: string }>('select id from pgbeat.nodes')
  await leave(system.db, id)
  t.same(await locked(), { count: 0 })
})

t.test('connections that break in the middle of many runs leave nothing behind, and a stop ends', async (t) => {
  const system = await testSystem(t)
  const counted = defineTask({
    name: 'hang',
    description: 'Ends at once',
    payload: z.unknown(),
    run: async () => {},
  })
  const worker = await system.startWorker([counted])
  await system.pool.query(`insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'hang', '2100-01-01')`)
  for (let round = 1; round <= 3; round += 1) {
    const finished = nextEvent(system.events, 'run:finished')
    await system.pool.query(`select pgbeat.trigger('s') from generate_series(1, 100)`)
    await finished
    await system.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'pgbeat jobs'`)
  }
  const finished = nextEvent(system.events, 'run:finished')
  await system.pool.query(`select pgbeat.trigger('s')`)
  await finished
  const stopping = performance.now()
  await worker.stop()
  t.ok(performance.now() - stopping < 8_000)
  const { running } = await system.row<{ running: number }>(
    `select count(*)::int as running from pgbeat.runs where status = 'running'`,
  )
  t.equal(running, 0)
  const silence = 'select clock_timestamp() as now, max(heartbeat_at) as last from pgbeat.nodes'
  const before = await system.row<{ now: Date; last: Date | null }>(silence)
  await system.pool.query('select pg_sleep(1.5)')
  t.same((await system.row<{ last: Date | null }>(silence)).last, before.last, 'nobody beats any more')
  await recoverDeadWorkers(system.db, 0)
  const { locked } = await system.row<{ locked: number }>(
    'select count(*)::int as locked from graphile_worker.jobs where locked_by is not null',
  )
  t.equal(locked, 0, 'what was locked is free for others')
})
