import t, { type Test } from 'tap'
import { z } from 'zod'
import { setDraining } from '../../src/store/nodes.ts'
import { listLiveTasks, listTasks, publishTasks } from '../../src/store/tasks.ts'
import { defineTask } from '../../src/task.ts'
import { type Api, testApi } from '../http/api.ts'
import { nextEvent } from '../support/events.ts'
import { type Process, startProcess, testWorker } from '../support/process.ts'
import { testSystem } from '../support/system.ts'

t.setTimeout(120_000)

const draining = 'worker draining: it takes no new runs'
const resumed = 'worker takes runs again'

/** An API and a worker process, and a schedule for each of some durations of its runs in ms. */
async function withWorker(t: Pick<Test, 'teardown'>, durations: Record<string, number>, concurrency = 2) {
  const api = await testApi(t)
  await publishTasks(api.db, [{ name: 'last', description: '', payloadSchema: {} }])
  for (const [name, ms] of Object.entries(durations)) {
    await api.pool.query(
      `insert into pgbeat.schedules (name, task_name, run_at, payload) values ($1, 'last', '2100-01-01', $2)`,
      [name, String(ms)],
    )
  }
  const start = async () => {
    const worker = startProcess(t, testWorker, api.connectionString, { PGBEAT_CONCURRENCY: String(concurrency) })
    const { nodeId } = await worker.logged('worker started')
    return { worker, nodeId: String(nodeId) }
  }
  return { api, start, ...(await start()) }
}

const ended = (worker: Process, name: string) =>
  worker.logged('run succeeded', ({ scheduleName }) => scheduleName === name)
const trigger = ({ pool }: Api, name: string, times = 1) =>
  pool.query('select pgbeat.trigger($1) from generate_series(1, $2::int)', [name, times])
const locked = ({ row }: Api) =>
  row<{ count: number }>('select count(*)::int from graphile_worker.jobs where locked_at is not null')

t.test('a worker that drains finishes what it has, takes nothing new, and stays', async (t) => {
  const { api, worker, nodeId, start } = await withWorker(t, { long: 3_000, short: 0 })
  await trigger(api, 'long')
  await worker.logged('run started')
  t.match((await api.request('GET', '/nodes')).body.data.find(byId(nodeId)), { draining_at: null })
  const heeded = worker.next(draining)
  const { status, body } = await api.request('POST', `/nodes/${nodeId}/drain`)
  t.match({ status, body }, { status: 202, body: { data: { id: nodeId, is_alive: true, draining_at: /^2/ } } })
  const again = await api.request('POST', `/nodes/${nodeId}/drain`)
  t.equal(again.body.data.draining_at, body.data.draining_at, 'once more changes nothing')
  await heeded
  await trigger(api, 'short')
  const { body: runs } = await api.request('GET', `/runs?node_id=${nodeId}`)
  t.match(runs.data, [{ schedule_name: 'long', status: 'running' }])
  const { data: queue } = (await api.request('GET', '/queue')).body
  t.match(
    queue.find(({ task_name }: { task_name: string }) => task_name === 'last'),
    {
      ...{ queued: 1, running: 1, live_workers: 0, free_slots: 0 },
    },
  )
  t.notOk((await listLiveTasks(api.db)).has('last'))
  t.match(
    (await listTasks(api.db)).find(({ name }) => name === 'last'),
    { live_workers: 0 },
  )
  await ended(worker, 'long')
  while ((await locked(api)).count > 0) await api.pool.query('select pg_sleep(0.01)')
  // Longer than it is silent for when it has nothing to do.
  await api.pool.query('select pg_sleep(1.5)')
  t.match(await api.row(`select status, attempt from pgbeat.runs order by id desc limit 1`), { status: 'queued' })
  const node = (await api.request('GET', '/nodes')).body.data.find(byId(nodeId))
  t.match(node, { is_alive: true, draining_at: body.data.draining_at })

  const other = await start()
  await ended(other.worker, 'short')
  t.equal(await other.worker.stop(), 0)
  await trigger(api, 'short')
  t.match(await api.request('POST', `/nodes/${nodeId}/undrain`), { status: 202, body: { data: { draining_at: null } } })
  await worker.logged(resumed)
  await ended(worker, 'short')
  t.ok((await listLiveTasks(api.db)).has('last'))
})

t.test('what it had fetched is given back at once, and nothing is lost or done twice', async (t) => {
  const { api, worker, nodeId } = await withWorker(t, { short: 2 }, 4)
  const runs = 4_000
  await trigger(api, 'short', runs)
  for (let round = 0; round < 3; round += 1) {
    await worker.next('run succeeded')
    const heeded = worker.next(draining)
    await api.request('POST', `/nodes/${nodeId}/drain`)
    await heeded
    while ((await locked(api)).count > 0) await api.pool.query('select pg_sleep(0.01)')
    const { jobs, left } = await api.row<{ jobs: number; left: number }>(
      `select (select count(*)::int from graphile_worker.jobs) as jobs,
         (select count(*)::int from pgbeat.runs where status = 'queued') as left`,
    )
    t.ok(left > 0, `${left} are left`)
    t.equal(jobs, left, 'each with its job')
    t.match(await api.row(`select count(*)::int from pgbeat.runs where status = 'running'`), { count: 0 })
    const goesOn = worker.next(resumed)
    await api.request('POST', `/nodes/${nodeId}/undrain`)
    await goesOn
  }
  const over = `select count(*)::int from pgbeat.runs where status = 'succeeded' and attempt = 1`
  while ((await api.row<{ count: number }>(over)).count < runs) await api.pool.query('select pg_sleep(0.05)')
  t.match(await api.row('select count(*)::int from pgbeat.attempts'), { count: runs })
})

t.test('a worker whose row was taken away drains on, one that is started anew does not', async (t) => {
  const { api, worker, nodeId } = await withWorker(t, { short: 0 })
  const heeded = worker.next(draining)
  await api.request('POST', `/nodes/${nodeId}/drain`)
  await heeded
  await api.pool.query('delete from pgbeat.nodes where id = $1', [nodeId])
  while ((await api.pool.query('select from pgbeat.nodes where id = $1', [nodeId])).rowCount === 0) {}
  t.match(await api.row('select draining_at is not null as drains from pgbeat.nodes where id = $1', [nodeId]), {
    drains: true,
  })
  t.equal(await worker.stop(), 0, 'it stops as it would')
  await worker.restart()
  await trigger(api, 'short')
  await ended(worker, 'short')
})

t.test('a worker drains on after graphile-worker has given up', async (t) => {
  const system = await testSystem(t)
  const { pool, db, events } = system
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  const any = defineTask({
    name: 'any',
    description: 'The first run makes its own completion fail, when it is told to',
    payload: z.unknown(),
    run: async ({ run, db }) => {
      if (run.scheduleName !== 'saboteur') return
      await told
      await db.query('alter table graphile_worker._private_jobs rename to hidden')
    },
  })
  await system.startWorker([any])
  await pool.query(`insert into pgbeat.schedules (name, task_name, run_at)
    values ('saboteur', 'any', '2100-01-01'), ('s', 'any', '2100-01-01')`)
  const started = nextEvent(events, 'run:started')
  await pool.query(`select pgbeat.trigger('saboteur')`)
  await started
  const { id: before } = await system.row<{ id: string }>('select id from pgbeat.nodes')
  const heeded = nextEvent(events, 'worker:draining')
  await setDraining(db, before, true)
  await heeded
  const startedAnew = nextEvent(events, 'worker:started')
  tell()
  const { nodeId: after } = await startedAnew
  t.not(after, before)
  await pool.query('alter table graphile_worker.hidden rename to _private_jobs')
  t.match(await system.row('select draining_at is not null as drains from pgbeat.nodes where id = $1', [after]), {
    drains: true,
  })
  await pool.query(`select pgbeat.trigger('s')`)
  await pool.query('select pg_sleep(1.5)')
  t.match(await system.row(`select status from pgbeat.runs where schedule_name = 's'`), { status: 'queued' })
  const finished = nextEvent(events, 'run:finished', ({ scheduleName }) => scheduleName === 's')
  await setDraining(db, after, false)
  t.match(await finished, { status: 'succeeded', attempt: 1 })
})

t.test('only workers drain', async (t) => {
  const { request, row } = await testApi(t)
  const { id } = await row<{ id: string }>(`select id from pgbeat.nodes where kind = 'api'`)
  t.match(await request('POST', `/nodes/${id}/drain`), { status: 422, body: { code: 'not_a_worker' } })
  for (const nobody of ['x', id.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))]) {
    t.match(await request('POST', `/nodes/${nobody}/undrain`), { status: 404, body: { code: 'node_not_found' } })
  }
})

function byId(id: string) {
  return (node: { id: string }) => node.id === id
}
