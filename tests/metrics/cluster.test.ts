import { hostname } from 'node:os'
import { pino } from 'pino'
import t from 'tap'
import { z } from 'zod'
import { ownReport } from '../../src/cli/own-report.ts'
import { createEvents } from '../../src/events.ts'
import { runApi } from '../../src/http/run-api.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { renderMetrics } from '../../src/metrics/render.ts'
import { openPool, overPool } from '../../src/store/database.ts'
import { writeNodeMetrics } from '../../src/store/node-metrics.ts'
import { beat, forgetSilentNodes, leave } from '../../src/store/nodes.ts'
import { recoverDeadWorkers } from '../../src/store/recovery.ts'
import { triggerRun } from '../../src/store/runs.ts'
import type { NodeKind } from '../../src/store/tables.ts'
import { defineTask, type Task } from '../../src/task.ts'
import { runTick } from '../../src/tick/run-tick.ts'
import { runWorker } from '../../src/worker/run-worker.ts'
import { nextEvent } from '../support/events.ts'
import { type System, testSystem } from '../support/system.ts'
import { type Exposition, parseExposition, total } from './exposition.ts'

const log = pino({ level: 'silent' })
const counting = defineTask({
  name: 'counting',
  description: 'Counts',
  payload: z.unknown(),
  run: async ({ count }) => {
    count('rows_saved', 40)
    count('pages')
  },
})

/** A tick, a worker and an API that share nothing but the database. */
async function cluster(t: Parameters<typeof testSystem>[0], tasks: readonly Task[]) {
  const system = await testSystem(t)
  const { connectionString } = system
  const [ofTick, ofWorker, ofApi] = [createEvents(), createEvents(), createEvents()]
  const metrics = createMetrics(ofApi)
  // By then the leader has made the partitions too.
  const passed = nextEvent(ofTick, 'tick:passed')
  const worker = await runWorker({
    drainMs: 5_000,
    connectionString,
    tasks,
    concurrency: 2,
    events: ofWorker,
    log,
    metrics: createMetrics(ofWorker),
  })
  const tick = runTick({ connectionString, events: ofTick, metrics: createMetrics(ofTick) })
  const diagnose = () => ownReport(connectionString, {})
  const api = await runApi({ connectionString, host: '127.0.0.1', port: 0, rateLimit: 0, log, metrics, diagnose })
  let isWorkerStopped = false
  const stopWorker = async () => {
    if (!isWorkerStopped) await worker.stop()
    isWorkerStopped = true
  }
  t.teardown(() => Promise.all([stopWorker(), tick.stop(), api.stop()]))
  await passed
  return { ...system, stopWorker, ofTick, ofWorker, metrics }
}

/** The metrics, as soon as they are as expected. */
async function scrapeUntil(
  { db, metrics }: { db: System['db']; metrics: Parameters<typeof renderMetrics>[1] },
  isThere: (metrics: Exposition) => boolean,
): Promise<Exposition> {
  for (;;) {
    const { contentType, body } = await renderMetrics(db, metrics)
    t.match(contentType, /^text\/plain; version=0\.0\.4/)
    const parsed = parseExposition(body)
    if (isThere(parsed)) return parsed
  }
}

const nodeName = (kind: NodeKind) => `${kind}-${hostname()}-${process.pid}`

t.test('an API shows what a tick and a worker elsewhere have counted', async (t) => {
  const system = await cluster(t, [counting])
  const finished = nextEvent(system.ofWorker, 'run:finished')
  await system.pool.query(
    `insert into pgbeat.schedules (task_name, run_at) values ('counting', clock_timestamp() + interval '0.1 s')`,
  )
  await finished
  const metrics = await scrapeUntil(
    system,
    (metrics) => total(metrics, 'pgbeat_runs_finished_total') + total(metrics, 'pgbeat_fires_total') === 2,
  )
  const tick = { node: nodeName('tick') }
  const worker = { node: nodeName('worker') }
  t.equal(total(metrics, 'pgbeat_fires_total', { ...tick, origin: 'schedule', status: 'queued' }), 1)
  t.equal(total(metrics, 'pgbeat_fire_delay_seconds', { ...tick, origin: 'schedule' }), 1)
  t.equal(total(metrics, 'pgbeat_schedules_planned_total', tick), 1)
  t.equal(total(metrics, 'pgbeat_leader', tick), 1)
  t.ok(total(metrics, 'pgbeat_tick_pass_duration_seconds', tick) > 0)
  const labels = { ...worker, task_name: 'counting' }
  t.equal(total(metrics, 'pgbeat_runs_finished_total', { ...labels, status: 'succeeded' }), 1)
  t.equal(total(metrics, 'pgbeat_runs_started_total', { ...labels, origin: 'schedule' }), 1)
  t.equal(total(metrics, 'pgbeat_attempt_duration_seconds', labels), 1)
  t.equal(total(metrics, 'pgbeat_lateness_seconds', { ...worker, origin: 'schedule' }), 1)
  t.equal(total(metrics, 'pgbeat_task_count_total', { ...labels, counter: 'rows_saved' }), 40)
  t.equal(total(metrics, 'pgbeat_task_count_total', { ...labels, counter: 'pages' }), 1)
  for (const kind of ['tick', 'worker', 'api'] as const) {
    t.equal(total(metrics, 'pgbeat_nodes', { kind }), 1)
    t.ok(total(metrics, 'process_cpu_seconds_total', { node: nodeName(kind) }) > 0, kind)
  }
  t.equal(total(metrics, 'pgbeat_database_up'), 1)
  t.equal(total(metrics, 'pgbeat_leader_term'), 1)
  t.equal(total(metrics, 'pgbeat_schedules', { state: 'enabled' }), 1)
  t.equal(total(metrics, 'pgbeat_schedules', { state: 'finished' }), 1)
  t.equal(total(metrics, 'pgbeat_active_runs'), 0)
})

t.test('the delays of a run add up to its lateness, and a later attempt repeats them', async (t) => {
  const failing = defineTask({
    name: 'counting',
    description: '',
    payload: z.unknown(),
    run: async ({ run, count }) => {
      count('attempts')
      if (run.attempt === 1) throw new RangeError('again')
    },
  })
  const system = await cluster(t, [failing])
  const attempt = (attempt: number) => nextEvent(system.ofWorker, 'run:started', (event) => event.attempt === attempt)
  const [first, second] = [attempt(1), attempt(2)]
  await system.pool.query(
    `insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'counting', '2100-01-01')`,
  )
  await triggerRun(system.db, { name: 'tester' }, 's')
  const { latenessMs, fireDelayMs, queueDelayMs, isFirstAttempt, origin } = await first
  t.ok(isFirstAttempt)
  t.equal(origin, 'manual')
  t.ok(fireDelayMs >= 0 && queueDelayMs > 0)
  t.ok(Math.abs(fireDelayMs + queueDelayMs - latenessMs) < 0.01)
  t.match(await second, { isFirstAttempt: false, latenessMs, fireDelayMs, queueDelayMs })
  const metrics = await scrapeUntil(system, (metrics) => total(metrics, 'pgbeat_attempt_duration_seconds') === 2)
  t.equal(total(metrics, 'pgbeat_attempts_failed_total', { task_name: 'counting', code: 'error' }), 1)
  t.equal(total(metrics, 'pgbeat_task_count_total', { counter: 'attempts' }), 2)
})

t.test('a process that stops takes its figures away', async (t) => {
  const system = await cluster(t, [counting])
  const worker = { node: nodeName('worker') }
  await scrapeUntil(system, (metrics) => total(metrics, 'process_cpu_seconds_total', worker) > 0)
  await system.stopWorker()
  const metrics = parseExposition((await renderMetrics(system.db, system.metrics)).body)
  t.notOk([...metrics.values()].some(({ samples }) => samples.some(({ labels }) => labels.node === worker.node)))
})

t.test('so does one that died, however it is found', async (t) => {
  const { db, row } = await testSystem(t)
  const metrics = [{ name: 'pgbeat_x_total', help: 'x', type: 'counter' as const, values: [[{}, 1] as const] }]
  const node = (kind: NodeKind, id: number) => ({
    id: `00000000-0000-4000-8000-00000000000${id}`,
    kind,
    host: 'h',
    pid: id,
    version: '1',
    tasks: [],
    concurrency: null,
    workerPoolId: null,
  })
  const rows = async () => (await row<{ rows: number }>('select count(*)::int as rows from pgbeat.node_metrics')).rows
  const nodes = [node('worker', 1), node('tick', 2), node('api', 3)]
  t.notOk(await writeNodeMetrics(db, node('worker', 1).id, metrics), 'it has no row yet')
  for (const node of nodes) {
    await beat(db, node)
    t.ok(await writeNodeMetrics(db, node.id, metrics))
  }
  t.equal(await rows(), 3)
  await leave(db, node('tick', 2).id)
  t.equal(await rows(), 2)
  await recoverDeadWorkers(db, 0)
  t.equal(await rows(), 1)
  await forgetSilentNodes(db, 0)
  t.equal(await rows(), 0)
})

t.test(
  'figures of a process that has fallen silent are not shown, and those of one of the same name once',
  async (t) => {
    const { db, pool } = await testSystem(t)
    const add = (id: number, kind: NodeKind, value: number) =>
      pool
        .query(
          `with node as (
         insert into pgbeat.nodes (id, kind, host, pid, version)
         values (lpad($1::text, 32, '0')::uuid, $2, 'h"1', 1, '1') returning id)
       select`,
          [id, kind],
        )
        .then(() =>
          writeNodeMetrics(db, `00000000-0000-0000-0000-00000000000${id}`, [
            { name: 'pgbeat_x_total', help: 'x', type: 'counter', values: [[{}, value]] },
          ]),
        )
    await add(1, 'worker', 5)
    await add(2, 'worker', 6)
    await add(3, 'tick', 7)
    await pool.query(`update pgbeat.nodes set heartbeat_at = now() - interval '10 s' where kind = 'tick'`)
    const metrics = parseExposition((await renderMetrics(db, createMetrics(createEvents()))).body)
    t.match(metrics.get('pgbeat_x_total')?.samples, [{ labels: { node: 'worker-h\\"1-1' }, value: 6 }])
  },
)

t.test('while Postgres is away a process shows what it knows by itself', async (t) => {
  const pool = openPool({ connectionString: 'postgres://x:x@127.0.0.1:1/x', applicationName: 'test' })
  t.teardown(() => pool.end())
  const metrics = createMetrics(createEvents())
  metrics.enter('api')
  metrics.observeRequest({ method: 'GET', route: '/readyz', status: 503, seconds: 0.1 })
  const shown = parseExposition((await renderMetrics(overPool(pool), metrics)).body)
  t.equal(total(shown, 'pgbeat_database_up'), 0)
  t.equal(total(shown, 'pgbeat_http_request_duration_seconds', { node: nodeName('api'), status: '503' }), 1)
})
