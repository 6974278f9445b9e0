import t from 'tap'
import { publishTasks } from '../../src/store/tasks.ts'
import { startProcess, testWorker } from '../support/process.ts'
import { testSystem } from '../support/system.ts'

t.setTimeout(60_000)

t.test('a busy worker keeps no jobs that another one could begin', async (t) => {
  const system = await testSystem(t)
  await publishTasks(system.db, [{ name: 'last', description: '', payloadSchema: {} }])
  await system.pool.query(`insert into pgbeat.schedules (name, task_name, run_at, payload)
    values ('short', 'last', '2100-01-01', '0'), ('long', 'last', '2100-01-01', '20000')`)
  const environment = { PGBEAT_CONCURRENCY: '2', PGBEAT_DRAIN_SECONDS: '0' }
  const first = startProcess(t, testWorker, system.connectionString, environment)
  await first.logged('worker started')
  await system.pool.query(`select pgbeat.trigger('long') from generate_series(1, 6)`)
  const began = async (runs: number) => {
    const running = `select count(*)::int as count from pgbeat.runs where status = 'running'`
    while ((await system.row<{ count: number }>(running)).count < runs) await system.pool.query('select pg_sleep(0.02)')
  }
  const locked = () =>
    system.row<{ count: number }>('select count(*)::int from graphile_worker.jobs where locked_at is not null')
  await began(2)
  t.same(await locked(), { count: 2 }, 'it has taken what it has begun')
  const second = startProcess(t, testWorker, system.connectionString, environment)
  await second.logged('worker started')
  await began(4)
  t.same(await locked(), { count: 4 })
  // Told of new jobs, they take none while they are busy.
  await system.pool.query(`select pgbeat.trigger('long')`)
  await system.pool.query('select pg_sleep(0.3)')
  t.same(await locked(), { count: 4 })
  const third = startProcess(t, testWorker, system.connectionString, { ...environment, PGBEAT_CONCURRENCY: '3' })
  await third.logged('worker started')
  await began(7)
  t.same(await locked(), { count: 7 })
})

t.test('what was fetched ahead of tasks that turn out to be slow goes back for others', async (t) => {
  const system = await testSystem(t)
  await publishTasks(system.db, [{ name: 'last', description: '', payloadSchema: {} }])
  await system.pool.query(`insert into pgbeat.schedules (name, task_name, run_at, payload)
    values ('short', 'last', '2100-01-01', '0'), ('long', 'last', '2100-01-01', '20000')`)
  await system.pool.query(`select pgbeat.trigger('short') from generate_series(1, 400)`)
  await system.pool.query(`select pgbeat.trigger('long') from generate_series(1, 20)`)
  const environment = { PGBEAT_CONCURRENCY: '10', PGBEAT_DRAIN_SECONDS: '0' }
  const first = startProcess(t, testWorker, system.connectionString, environment)
  await first.logged('run started', ({ scheduleName }) => scheduleName === 'long')
  const second = startProcess(t, testWorker, system.connectionString, environment)
  const running = `select count(*)::int as count from pgbeat.runs where status = 'running'`
  await second.logged('worker started')
  while ((await system.row<{ count: number }>(running)).count < 20) await system.pool.query('select pg_sleep(0.05)')
  t.same(
    await system.row(
      `select count(*)::int as nodes from (select distinct node_id from pgbeat.runs where status = 'running') n`,
    ),
    {
      nodes: 2,
    },
  )
})
