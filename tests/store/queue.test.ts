import t from 'tap'
import { readQueue } from '../../src/store/queue.ts'
import { publishTasks } from '../../src/store/tasks.ts'
import { builtInTasks } from '../../src/tasks/index.ts'
import { testApi } from '../http/api.ts'
import { type System, testSystem } from '../support/system.ts'

async function addRuns({ pool }: System, task: string, status: string, count = 1, values: object = {}): Promise<void> {
  await pool.query(
    `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts,
       queued_at, next_attempt_at, node_id)
     select gen_random_uuid(), 's', $1, '{}', now(), 'schedule', $2, 1, now() - interval '40 s', next_attempt_at, node_id
     from generate_series(1, $3), jsonb_to_record($4) as given (next_attempt_at timestamptz, node_id uuid)`,
    [task, status, count, values],
  )
}

async function addWorker({ row }: System, tasks: string[], concurrency: number, silentForMs = 0): Promise<string> {
  const { id } = await row<{ id: string }>(
    `insert into pgbeat.nodes (id, kind, host, pid, version, tasks, concurrency, heartbeat_at)
     values (gen_random_uuid(), 'worker', 'h', 1, '1', $1, $2, now() - $3 * interval '1 ms') returning id`,
    [tasks, concurrency, silentForMs],
  )
  return id
}

t.test('what is queued, by task, and who is free for it', async (t) => {
  const system = await testSystem(t)
  await publishTasks(system.db, [{ name: 'idle', description: '', payloadSchema: {} }])
  const busy = await addWorker(system, ['echo'], 3)
  await addWorker(system, ['echo', 'idle'], 4)
  await addWorker(system, ['echo'], 100, 60_000)
  await addRuns(system, 'echo', 'running', 2, { node_id: busy })
  await addRuns(system, 'echo', 'queued', 5)
  await addRuns(system, 'echo', 'queued', 1, { next_attempt_at: new Date(Date.now() - 10_000) })
  await addRuns(system, 'echo', 'waiting', 3)
  await addRuns(system, 'nobody has it', 'waiting')
  await addRuns(system, 'nobody has it', 'retrying', 1, { next_attempt_at: new Date(Date.now() + 60_000) })
  await addRuns(system, 'echo', 'succeeded', 9)
  const { tasks, is_bounded } = await readQueue(system.db)
  const nothing = { waiting: 0, queued: 0, running: 0, retrying: 0, oldest_queued_seconds: null }
  const oldest_queued_seconds = tasks[0]?.oldest_queued_seconds ?? 0
  t.ok(oldest_queued_seconds >= 40 && oldest_queued_seconds < 100)
  const byName = Object.fromEntries(tasks.map(({ task_name, ...queue }) => [task_name, queue]))
  const unused = builtInTasks.map(({ name }) => [name, { ...nothing, live_workers: 0, free_slots: 0 }])
  t.same(byName, {
    ...Object.fromEntries(unused),
    echo: { waiting: 3, queued: 6, running: 2, retrying: 0, oldest_queued_seconds, live_workers: 2, free_slots: 5 },
    idle: { ...nothing, live_workers: 1, free_slots: 4 },
    'nobody has it': { ...nothing, waiting: 1, retrying: 1, live_workers: 0, free_slots: 0 },
  })
  t.equal(is_bounded, false)
})

t.test('it is counted up to a bound, whatever the planner believes of it', async (t) => {
  const system = await testSystem(t)
  await system.pool.query('analyze pgbeat.runs')
  await addRuns(system, 'echo', 'running', 10_001)
  const { tasks, is_bounded } = await readQueue(system.db)
  t.match(tasks[0], { task_name: 'echo', running: 10_000, free_slots: null })
  t.equal(is_bounded, true)
})

t.test('GET /queue', async (t) => {
  const api = await testApi(t)
  await addRuns(api, 'echo', 'queued', 2)
  const { body } = await api.request('GET', '/queue')
  t.match(body, { data: [{ task_name: 'echo', queued: 2 }, {}], meta: { is_bounded: false } })
})
