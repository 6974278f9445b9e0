import t from 'tap'
import { startProcess, testWorker } from '../support/process.ts'
import { testSystem } from '../support/system.ts'

t.setTimeout(120_000)

t.test('a task that keeps the thread busy for longer than a worker may be silent is not lost', async (t) => {
  const { connectionString, pool, row } = await testSystem(t)
  const tick = startProcess(t, 'tick', connectionString)
  const worker = startProcess(t, testWorker, connectionString)
  await Promise.all([tick.logged('this tick leads'), worker.logged('worker started')])
  await pool.query(`insert into pgbeat.schedules (name, task_name, run_at, payload)
    values ('busy', 'spin', '2100-01-01', '8000'), ('next', 'last', '2100-01-01', '0')`)
  await pool.query(`select pgbeat.trigger('busy')`)
  await worker.logged('run started')
  await worker.logged('run succeeded')
  const { silence } = await row<{ silence: number }>(`
    select extract(epoch from clock_timestamp() - heartbeat_at)::float8 as silence from pgbeat.nodes where kind = 'worker'`)
  t.ok(silence < 3, `its last heartbeat is ${silence.toFixed(2)} s old`)
  t.match((await pool.query('select attempt, status from pgbeat.attempts')).rows, [{ attempt: 1, status: 'succeeded' }])
  await pool.query(`select pgbeat.trigger('next')`)
  await worker.logged('run succeeded', ({ scheduleName }) => scheduleName === 'next')
  t.equal((await pool.query(`select from pgbeat.nodes where kind = 'worker'`)).rowCount, 1, 'it is who it was')
})

t.test('an attempt that takes too long is ended though its worker is too busy to do that', async (t) => {
  const { connectionString, pool } = await testSystem(t)
  const tick = startProcess(t, 'tick', connectionString)
  const worker = startProcess(t, testWorker, connectionString)
  await Promise.all([tick.logged('this tick leads'), worker.logged('worker started')])
  await pool.query(`insert into pgbeat.schedules (name, task_name, run_at, payload, timeout, max_attempts)
    values ('busy', 'spin', '2100-01-01', '12000', '1 second', 1)`)
  await pool.query(`select pgbeat.trigger('busy')`)
  await worker.logged('run started')
  const { lostRuns } = await tick.logged('took over from dead workers')
  t.match(lostRuns, [{ scheduleName: 'busy', status: 'failed' }])
  const outcome = `select r.status, r.reason, r.error->>'code' as code, a.status as attempt_status,
      extract(epoch from a.finished_at - a.started_at)::float8 as took
    from pgbeat.runs r join pgbeat.attempts a on a.run_id = r.id`
  const { took, ...ended } = (await pool.query(outcome)).rows[0]
  t.same(ended, { status: 'failed', reason: 'timeout', code: 'timeout', attempt_status: 'timed_out' })
  t.ok(took > 7 && took < 10, `a timeout of 1 s is enforced after ${took.toFixed(1)} s`)
  await worker.logged('outcome refused: the attempt had been given up for lost')
  t.match((await pool.query(outcome)).rows, [ended])
})
