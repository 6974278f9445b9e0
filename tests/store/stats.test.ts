import t from 'tap'
import { readLeader } from '../../src/store/leader.ts'
import { listNodes } from '../../src/store/nodes.ts'
import { overPreparing } from '../../src/store/prepared-statements.ts'
import { readStats } from '../../src/store/stats.ts'
import { listTasks, publishTasks } from '../../src/store/tasks.ts'
import { nextEvent } from '../support/events.ts'
import { type System, testSystem } from '../support/system.ts'

interface GivenRun {
  readonly status: string
  readonly origin?: string
  readonly reason?: string
  readonly missedCount?: number
  /** Seconds ago. */
  readonly scheduled?: number
  readonly queued?: number
  readonly started?: number
  readonly finished?: number
}

/** Writes runs as if they had happened, each for a schedule of its own. */
async function addRuns({ pool }: System, run: GivenRun, count = 1): Promise<void> {
  const { status, origin = 'schedule', reason, missedCount, scheduled = 60, queued, started, finished } = run
  await pool.query(
    `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, reason,
       max_attempts, missed_count, queued_at, started_at, finished_at)
     select gen_random_uuid(), 's', 'echo', '{}', now() - $4 * interval '1 s', $2, $1, $3, 1, $5,
       now() - $6 * interval '1 s', now() - $7 * interval '1 s', now() - $8 * interval '1 s'
     from generate_series(1, $9)`,
    [status, origin, reason, scheduled, missedCount, queued, started, finished, count],
  )
}

t.test('an empty database has numbers too', async (t) => {
  const { db } = await testSystem(t)
  t.match(await readStats(db), {
    schedules: { total: 0, enabled: 0, paused: 0, invalid: 0, finished: 0, estimated: [] },
    active_runs: { waiting: 0, queued: 0, running: 0, retrying: 0, oldest_queued_seconds: null, is_bounded: false },
    finished_last_hour: { succeeded: 0, failed: 0, cancelled: 0, is_estimated: false },
    lateness: { p50: null, p99: null, max: null, runs: 0 },
    fires: { fires_per_second: 0, is_estimated: false },
    not_run_last_hour: { by_reason: [], is_bounded: false },
    leader: { term: 0, node_id: null, heartbeat_age_seconds: null },
    nodes: { tick: 0, worker: 0, api: 0 },
  })
})

t.test('runs are counted by what has become of them', async (t) => {
  const system = await testSystem(t)
  await addRuns(system, { status: 'waiting' }, 2)
  await addRuns(system, { status: 'queued', queued: 40 })
  await addRuns(system, { status: 'queued', queued: 30 }, 2)
  await addRuns(system, { status: 'running', scheduled: 10, queued: 9.5, started: 9 })
  await addRuns(system, { status: 'retrying', queued: 500, started: 400 })
  await addRuns(system, { status: 'succeeded', scheduled: 101, queued: 101, started: 100, finished: 90 }, 3)
  await addRuns(system, { status: 'failed', scheduled: 1_005, queued: 1_005, started: 1_000, finished: 900 })
  await addRuns(system, { status: 'cancelled', finished: 20 })
  await addRuns(system, { status: 'succeeded', queued: 9_000, started: 9_000, scheduled: 9_001, finished: 8_000 })
  await addRuns(system, { status: 'succeeded', origin: 'backfill', scheduled: 90_000, started: 50, finished: 40 })
  await addRuns(system, { status: 'skipped', reason: 'overlap' }, 2)
  await addRuns(system, { status: 'skipped', reason: 'overlap', scheduled: 7_200 })
  await addRuns(system, { status: 'missed', reason: 'paused', missedCount: 15 }, 2)
  const { active_runs, finished_last_5_minutes, finished_last_hour, lateness, fires, not_run_last_hour } =
    await readStats(system.db)
  t.match(active_runs, { waiting: 2, queued: 3, running: 1, retrying: 1, is_bounded: false })
  t.ok((active_runs.oldest_queued_seconds ?? 0) >= 40 && (active_runs.oldest_queued_seconds ?? 0) < 100)
  t.same(finished_last_5_minutes, { succeeded: 4, failed: 0, cancelled: 1, is_estimated: false })
  t.same(finished_last_hour, { succeeded: 4, failed: 1, cancelled: 1, is_estimated: false })
  t.same(lateness, { p50: 1, p99: lateness.p99, max: 5, runs: 6 }, 'what a backfill runs is no measure')
  t.ok((lateness.p99 ?? 0) > 4.5)
  t.equal(fires.fires_per_second, 4 / 60)
  t.same(not_run_last_hour, {
    by_reason: [
      { status: 'missed', reason: 'paused', instants: 30 },
      { status: 'skipped', reason: 'overlap', instants: 2 },
    ],
    is_bounded: false,
  })
})

t.test('what is too much to count is extrapolated from the latest, and says so', async (t) => {
  const system = await testSystem(t)
  for (const finished of [100, 50]) {
    await addRuns(system, { status: 'succeeded', queued: finished, started: finished, finished }, 2_500)
  }
  for (const finished of [20, 10]) {
    await addRuns(system, { status: 'succeeded', queued: finished, started: finished, finished }, 2_250)
    await addRuns(system, { status: 'failed', queued: finished, started: finished, finished }, 250)
  }
  await addRuns(system, { status: 'skipped', reason: 'overlap' }, 6_000)
  const { finished_last_5_minutes, fires, not_run_last_hour } = await readStats(system.db)
  t.ok(finished_last_5_minutes.is_estimated)
  // 5,000 runs in the 20 seconds that were looked at.
  const share = finished_last_5_minutes.failed / (finished_last_5_minutes.succeeded + finished_last_5_minutes.failed)
  t.ok(Math.abs(share - 0.1) < 0.001)
  t.ok(finished_last_5_minutes.failed > 2_500 && finished_last_5_minutes.failed <= 7_500)
  t.ok(fires.fires_per_second >= 0)
  t.same(not_run_last_hour, {
    by_reason: [{ status: 'skipped', reason: 'overlap', instants: 5_000 }],
    is_bounded: true,
  })
})

t.test('a queue is counted up to a bound, whatever the planner believes of it', async (t) => {
  const system = await testSystem(t)
  await system.pool.query('analyze pgbeat.runs')
  await addRuns(system, { status: 'queued', queued: 5 }, 12_000)
  t.match((await readStats(system.db)).active_runs, { queued: 10_000, is_bounded: true })
})

t.test('schedules are counted, and beyond a bound estimated', async (t) => {
  const system = await testSystem(t)
  const add = (from: number, to: number) =>
    system.pool.query(
      `insert into pgbeat.schedules (name, task_name, run_at, enabled, pause_note)
       select 's' || i, 'echo', '2100-01-01', i % 10 <> 0, null from generate_series($1::int, $2::int) i`,
      [from, to],
    )
  await add(1, 100)
  await system.pool.query(`update pgbeat.schedules set next_run_at = 'infinity' where name = 's1'`)
  t.match((await readStats(system.db)).schedules, { total: 100, enabled: 90, paused: 10, invalid: 0, estimated: [] })
  t.match(await listTasks(system.db), [
    { name: 'echo', schedules: 100, schedules_is_estimated: false },
    { name: 'fetch_listed_info_task', schedules: 0 },
  ])
  await add(101, 12_000)
  await system.pool.query('analyze pgbeat.schedules')
  t.match((await readStats(system.db)).schedules, {
    total: 12_000,
    enabled: 10_800,
    paused: 1_200,
    estimated: ['enabled', 'total'],
  })
  t.match(await listTasks(system.db), [
    { name: 'echo', schedules: 12_000, schedules_is_estimated: true },
    { name: 'fetch_listed_info_task', schedules: null },
  ])
})

t.test('nodes, the leader and the tasks that workers run are shown as they are', async (t) => {
  const system = await testSystem(t)
  await publishTasks(system.db, [{ name: 'nobody_runs_it', description: 'Nothing', payloadSchema: { type: 'object' } }])
  const elected = nextEvent(system.events, 'leader:elected')
  const passed = nextEvent(system.events, 'tick:passed')
  system.startTick()
  await system.startWorker()
  const { nodeId, term } = await elected
  await passed
  await system.pool.query(
    `insert into pgbeat.nodes (id, kind, host, pid, version, heartbeat_at)
     values (gen_random_uuid(), 'api', 'h', 1, '1', now() - interval '10 s')`,
  )
  t.match(await listNodes(system.db), [
    { kind: 'api', host: 'h', is_alive: false, is_leader: false },
    { kind: 'tick', id: nodeId, is_alive: true, is_leader: true },
    {
      kind: 'worker',
      tasks: ['echo', 'http_request', 'sql', 'fetch_listed_info_task'],
      concurrency: 4,
      is_alive: true,
      is_leader: false,
    },
  ])
  t.match(await readLeader(system.db), { term, node_id: nodeId, pid: process.pid, elected_at: Date })
  const { nodes, leader } = await readStats(overPreparing(system.pool))
  t.same(nodes, { tick: 1, worker: 1, api: 0 })
  t.equal(leader.node_id, nodeId)
  t.match(await listTasks(system.db), [
    { name: 'echo', live_workers: 1, payload_schema: {}, published_at: Date },
    { name: 'fetch_listed_info_task', live_workers: 1 },
    { name: 'http_request', live_workers: 1 },
    { name: 'nobody_runs_it', description: 'Nothing', live_workers: 0, payload_schema: { type: 'object' } },
    { name: 'sql', live_workers: 1 },
  ])
})
