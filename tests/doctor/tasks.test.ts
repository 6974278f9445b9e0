import t from 'tap'
import { tasks } from '../../src/doctor/checks/tasks.ts'
import { testSystem } from '../support/system.ts'
import { lookAt } from './look-at.ts'

t.test('tasks of schedules need a live worker, other tasks of the catalogue do not', async (t) => {
  const system = await testSystem(t)
  const { pool } = system
  const look = () => lookAt(tasks, { DATABASE_URL: system.connectionString })
  await pool.query(`
    insert into pgbeat.tasks (name) values ('old-one'), ('old-two');
    insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'echo', '2100-01-01')`)
  await system.startWorker()
  t.match(await look(), {
    status: 'pass',
    message: /have 4 tasks, .*; 2 others in the catalogue, which none will fire$/,
  })

  await pool.query(`
    insert into pgbeat.schedules (name, task_name, every)
    select 'old-' || i, case when i < 3 then 'old-one' else 'old-two' end, '1 day' from generate_series(1, 5) i`)
  t.match(await look(), { status: 'fail', message: /2 tasks .*: old-two \(3 schedules\), old-one \(2 schedules\)$/ })

  await pool.query(`update pgbeat.schedules set enabled = false where task_name = 'old-one'`)
  t.match(await look(), { status: 'fail', message: /1 task .*: old-two \(3 schedules\)$/ })
  await pool.query(`update pgbeat.schedules set next_run_at = 'infinity' where task_name = 'old-two'`)
  t.match(await look(), { status: 'pass' }, 'what is finished needs nobody')
})

t.test('without schedules and workers there is nothing to cover', async (t) => {
  const system = await testSystem(t)
  const found = await lookAt(tasks, { DATABASE_URL: system.connectionString })
  t.match(found, { status: 'pass', message: /^no schedule will fire/ })
})

t.test('a worker that died has no tasks', async (t) => {
  const system = await testSystem(t)
  await system.startWorker()
  await system.pool.query(`
    insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'echo', '2100-01-01');
    insert into pgbeat.nodes (id, kind, host, pid, version, tasks, heartbeat_at)
    select gen_random_uuid(), kind, host, pid, version, '{gone}', now() - interval '1 minute' from pgbeat.nodes;
    insert into pgbeat.tasks (name) values ('gone');
    insert into pgbeat.schedules (name, task_name, run_at) values ('g', 'gone', '2100-01-01')`)
  t.match(await lookAt(tasks, { DATABASE_URL: system.connectionString }), {
    status: 'fail',
    message: /: gone \(1 schedule\)$/,
  })
})
