import t from 'tap'
import { workers } from '../../src/doctor/checks/workers.ts'
import { startProcess, testWorker } from '../support/process.ts'
import { testSystem } from '../support/system.ts'
import { lookAt } from './look-at.ts'

const silence = `update pgbeat.nodes set heartbeat_at = heartbeat_at - interval '30 seconds'`

t.test('a live worker is all that is needed', async (t) => {
  const system = await testSystem(t)
  await system.startWorker()
  t.match(await lookAt(workers, { DATABASE_URL: system.connectionString }), {
    status: 'pass',
    message: '1 worker alive, with room for 4 runs at once',
  })
})

t.test('without a worker it depends on whether there is something to do', async (t) => {
  const system = await testSystem(t)
  const { pool } = system
  const look = () => lookAt(workers, { DATABASE_URL: system.connectionString })
  t.match(await look(), { status: 'warn', message: /no worker is alive; there is nothing to run either/ })
  await pool.query(`insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'echo', '2100-01-01')`)
  t.match(await look(), { status: 'fail', message: /no worker is alive/ }, 'a schedule that is not planned yet')
  await pool.query(`update pgbeat.schedules set next_run_at = run_at`)
  t.match(await look(), { status: 'fail' }, 'one that is')
  await pool.query(`update pgbeat.schedules set next_run_at = 'infinity'`)
  t.match(await look(), { status: 'warn' }, 'one that is finished')
  await pool.query(`select pgbeat.trigger('s')`)
  t.match(await look(), { status: 'fail' }, 'a run')
})

t.test('a worker that is killed is told of until it is recovered', async (t) => {
  const system = await testSystem(t)
  const worker = startProcess(t, testWorker, system.connectionString)
  await worker.logged('worker started')
  t.match(await lookAt(workers, { DATABASE_URL: system.connectionString }), { status: 'pass' })
  await worker.kill()
  await system.pool.query(silence)
  const dead = new RegExp(`1 worker died and is not recovered yet \\(.* pid ${worker.pid}, silent for 3\\d s\\)`)
  t.match(await lookAt(workers, { DATABASE_URL: system.connectionString }), { status: 'warn', message: dead })
  await system.startWorker()
  t.match(await lookAt(workers, { DATABASE_URL: system.connectionString }), {
    status: 'warn',
    message: dead,
    action: /leader/,
  })
})
