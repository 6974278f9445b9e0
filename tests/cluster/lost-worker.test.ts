import t from 'tap'
import { startProcess, testWorker } from '../support/process.ts'
import { testSystem } from '../support/system.ts'

t.setTimeout(120_000)

const named = (name: string) => (line: Record<string, unknown>) => line.scheduleName === name

/** A database with a tick process, and workers that are started one by one. */
async function cluster(t: Parameters<typeof testSystem>[0]) {
  const system = await testSystem(t)
  const tick = startProcess(t, 'tick', system.connectionString)
  await tick.logged('this tick leads')
  const startWorker = async () => {
    const worker = startProcess(t, testWorker, system.connectionString)
    const { nodeId } = await worker.logged('worker started')
    return { worker, nodeId }
  }
  const trigger = async (name: string, task: string, payload: unknown) => {
    await system.pool.query(
      `insert into pgbeat.schedules (name, task_name, run_at, payload, max_attempts) values ($1, $2, '2100-01-01', $3, 2)`,
      [name, task, JSON.stringify(payload)],
    )
    await system.pool.query('select pgbeat.trigger($1)', [name])
  }
  const attempts = async (name: string) =>
    (
      await system.pool.query(
        `select a.attempt, a.node_id, a.status from pgbeat.attempts a
         join pgbeat.runs r on r.id = a.run_id and r.scheduled_for = a.scheduled_for
         where r.schedule_name = $1 order by a.attempt`,
        [name],
      )
    ).rows
  return { ...system, tick, startWorker, trigger, attempts }
}

t.test(
  'what a killed worker had begun, and what it had only taken, is done elsewhere within ten seconds',
  async (t) => {
    const { pool, startWorker, trigger, attempts } = await cluster(t)
    const doomed = await startWorker()
    const begun = ['a', 'b', 'c']
    for (const name of begun) {
      await trigger(name, 'hang', null)
      await doomed.worker.logged('run started', named(name))
    }
    const locker = await pool.connect()
    await locker.query('begin; lock table pgbeat.attempts')
    await trigger('taken', 'last', 0)
    const opening = `select pid from pg_stat_activity
    where datname = current_database() and application_name = 'pgbeat worker' and wait_event_type = 'Lock'`
    while ((await pool.query(opening)).rowCount === 0) {}
    const other = await startWorker()

    void doomed.worker.kill()
    const killedAt = performance.now()
    await pool.query(`select pg_terminate_backend(pid) from (${opening}) waiting`)
    await locker.query('rollback')
    locker.release()
    await Promise.all([...begun, 'taken'].map((name) => other.worker.logged('run succeeded', named(name))))
    const tookMs = performance.now() - killedAt
    t.comment(`all is done elsewhere ${tookMs.toFixed(0)} ms after the kill`)
    t.ok(tookMs < 10_000)
    for (const name of begun) {
      t.same(await attempts(name), [
        { attempt: 1, node_id: doomed.nodeId, status: 'worker_lost' },
        { attempt: 2, node_id: other.nodeId, status: 'succeeded' },
      ])
    }
    t.same(await attempts('taken'), [{ attempt: 1, node_id: other.nodeId, status: 'succeeded' }])
  },
)

t.test('a worker that was frozen finds its runs taken over, and goes on', async (t) => {
  const { pool, row, tick, startWorker, trigger, attempts } = await cluster(t)
  const frozen = await startWorker()
  await trigger('long', 'last', 2_000)
  await frozen.worker.logged('run started', named('long'))
  await trigger('told', 'heed', null)
  await frozen.worker.logged('run started', named('told'))
  frozen.worker.freeze()
  const frozenAt = performance.now()
  const other = await startWorker()
  await tick.logged('took over from dead workers')
  await other.worker.logged('run succeeded', named('long'))
  t.comment(`done elsewhere ${(performance.now() - frozenAt).toFixed(0)} ms after the worker froze`)
  t.ok(performance.now() - frozenAt < 11_000, 'within ten seconds, and the second that it takes')

  frozen.worker.thaw()
  await frozen.worker.logged('outcome refused: the attempt had been given up for lost', named('long'))
  await frozen.worker.logged('outcome refused: the attempt had been given up for lost', named('told'))
  t.same(await attempts('long'), [
    { attempt: 1, node_id: frozen.nodeId, status: 'worker_lost' },
    { attempt: 2, node_id: other.nodeId, status: 'succeeded' },
  ])
  await other.worker.stop('SIGTERM')
  await trigger('next', 'hang', null)
  await frozen.worker.logged('run started', named('next'))
  const known = () =>
    row<{ known: number }>(`select count(*)::int as known from pgbeat.nodes n
      join graphile_worker.jobs j on j.locked_by = n.worker_pool_id where n.id = '${frozen.nodeId}'`)
  while ((await known()).known === 0) {}
  t.pass('it is known again under its name, and by the name that it takes jobs under')
  t.match(await pool.query('select status from pgbeat.runs order by id'), {
    rows: [{ status: 'succeeded' }, { status: 'succeeded' }, { status: 'running' }],
  })
})
