import t, { type Test } from 'tap'
import { stuckRuns } from '../../src/doctor/checks/stuck-runs.ts'
import { nextEvent } from '../support/events.ts'
import { startProcess, testWorker } from '../support/process.ts'
import { testSystem } from '../support/system.ts'
import { lookAt } from './look-at.ts'

t.setTimeout(60_000)

async function setUp(t: Test) {
  const system = await testSystem(t)
  const { pool } = system
  return {
    ...system,
    look: () => lookAt(stuckRuns, { DATABASE_URL: system.connectionString }),
    /** Has a schedule run once; answers the id of the run. */
    async trigger(name: string, task = 'echo', more: { queue?: string; priority?: number } = {}) {
      await pool.query(
        `insert into pgbeat.schedules (name, task_name, run_at, max_attempts, queue_name, priority)
         values ($1, $2, '2100-01-01', 2, $3, $4)`,
        [name, task, more.queue ?? null, more.priority ?? 0],
      )
      await pool.query('select pgbeat.trigger($1)', [name])
    },
    /** As if a run had come so many seconds earlier. */
    backdate: (name: string, seconds: number) =>
      pool.query(
        `update pgbeat.runs set queued_at = queued_at - $2 * interval '1 second',
           started_at = started_at - $2 * interval '1 second' where schedule_name = $1`,
        [name, seconds],
      ),
    /** Takes the jobs of all runs away, which keeps workers from ever hearing of them. */
    loseJobs: () => pool.query('select graphile_worker.complete_jobs(array(select id from graphile_worker.jobs))'),
  }
}

t.test('a run of a worker that was killed is stuck until a tick recovers it', async (t) => {
  const { look, trigger, pool, connectionString, startTick, events } = await setUp(t)
  const worker = startProcess(t, testWorker, connectionString)
  await worker.logged('worker started')
  await trigger('hanging', 'hang')
  await worker.logged('run started')
  t.match(await look(), { status: 'pass' })
  await worker.kill()
  t.match(await look(), { status: 'pass' }, 'there is time to recover it')
  await pool.query(`update pgbeat.nodes set heartbeat_at = heartbeat_at - interval '20 seconds'`)
  await pool.query(`update pgbeat.attempts set started_at = started_at - interval '30 seconds'`)
  t.match(await look(), {
    status: 'fail',
    message: /^1 run running on workers that have been dead for more than 15 s \(run \d+ of hanging for 2\d s\)$/,
    action: /leader/,
  })
  await pool.query('delete from pgbeat.nodes')
  t.match(await look(), { status: 'fail', message: /of hanging for 3\d s\)$/ }, 'a worker of which nothing is known')
  const recovered = nextEvent(events, 'workers:recovered')
  startTick()
  await recovered
  t.match(await look(), { status: 'pass' })
})

t.test('a run whose task no live worker has is stuck', async (t) => {
  const { look, trigger, backdate, startWorker } = await setUp(t)
  await startWorker([])
  await trigger('lonely')
  await backdate('lonely', 50)
  t.match(await look(), { status: 'pass' })
  await backdate('lonely', 50)
  t.match(await look(), {
    status: 'fail',
    message: /^1 run queued .* no live worker has the task \(run \d+ of lonely for 10\d s\)$/,
  })
})

t.test('a run that idle workers pass over is stuck', async (t) => {
  const { look, trigger, backdate, loseJobs, startWorker } = await setUp(t)
  await trigger('forgotten')
  await loseJobs()
  await startWorker()
  await backdate('forgotten', 50)
  t.match(await look(), { status: 'pass' })
  await backdate('forgotten', 50)
  t.match(await look(), {
    status: 'fail',
    message: /^1 run ready .* passed over by workers .* of forgotten for 10\d s\)$/,
  })
})

t.test('among runs that go on, one is stuck that later ones overtake', async (t) => {
  const { look, trigger, backdate, loseJobs, startWorker, events } = await setUp(t)
  await trigger('forgotten')
  await loseJobs()
  await backdate('forgotten', 200)
  await startWorker()
  const finished = nextEvent(events, 'run:finished')
  await trigger('other')
  await finished
  t.match(await look(), { status: 'fail', message: /passed over .* of forgotten / })
  await backdate('other', 300)
  t.match(await look(), { status: 'pass' }, 'what came before it was not yet done a moment ago')
})

t.test('a run that waits for more urgent ones is not stuck', async (t) => {
  const { look, trigger, backdate, loseJobs, startWorker, events } = await setUp(t)
  await trigger('patient', 'echo', { priority: 1 })
  await loseJobs()
  await backdate('patient', 200)
  await startWorker()
  const finished = nextEvent(events, 'run:finished')
  await trigger('urgent')
  await finished
  t.match(await look(), { status: 'pass' })
})

t.test('a run that waits for room, or for its queue, is not stuck', async (t) => {
  const { look, trigger, backdate, loseJobs, connectionString, pool } = await setUp(t)
  for (const name of ['next', 'queued']) {
    await pool.query(`insert into pgbeat.tasks (name) values ('hang') on conflict do nothing`)
    await trigger(name, 'hang', name === 'queued' ? { queue: 'q' } : {})
    await backdate(name, 200)
  }
  await loseJobs()
  const worker = startProcess(t, testWorker, connectionString, { PGBEAT_CONCURRENCY: '1' })
  await worker.logged('worker started')
  await trigger('first', 'hang', { queue: 'q' })
  await worker.logged('run started')
  await backdate('first', 300)
  t.match(await look(), { status: 'pass' })
  await pool.query('update pgbeat.nodes set concurrency = 2')
  t.match(
    await look(),
    { status: 'fail', message: /^1 run ready .* of next / },
    'with room, it is only the one in the queue',
  )
})

t.test('a run that waits behind nothing is stuck until a tick queues it', async (t) => {
  const { look, pool, startTick, events } = await setUp(t)
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, run_at, overlap_policy) values ('s', 'echo', '2100-01-01', 'queue');
    insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts,
      queued_at)
    select id, name, task_name, payload, now() - minutes * interval '1 minute', 'schedule',
      case minutes when 3 then 'queued' else 'waiting' end, 1, case minutes when 3 then now() end
    from pgbeat.schedules, unnest(array[2, 3]) minutes`)
  t.match(await look(), { status: 'pass' }, 'there is a run before it')
  await pool.query(`update pgbeat.runs set status = 'succeeded', finished_at = now() where status = 'queued'`)
  t.match(await look(), { status: 'pass' }, 'it has just ended')
  await pool.query(`update pgbeat.runs set finished_at = now() - interval '90 seconds' where status = 'succeeded'`)
  t.match(await look(), { status: 'fail', message: /^1 run waiting .* with no run of the schedule before it/ })
  const promoted = nextEvent(events, 'tick:promoted')
  startTick()
  await promoted
  t.match(await look(), { status: 'pass' })
})
