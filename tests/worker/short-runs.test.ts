import { randomUUID } from 'node:crypto'
import t from 'tap'
import { z } from 'zod'
import { findAttempts, openAttempts } from '../../src/store/attempts.ts'
import type { JobPayload } from '../../src/store/job.ts'
import { type ClosedAttempt, outcomeOf, writeAttempts } from '../../src/store/outcomes.ts'
import { defineTask } from '../../src/task.ts'
import { nextEvent } from '../support/events.ts'
import { testSystem } from '../support/system.ts'

const succeeded: ClosedAttempt = {
  attemptStatus: 'succeeded',
  runStatus: 'succeeded',
  reason: null,
  result: 'done',
  error: null,
  retryInMs: 0,
}
const retrying: ClosedAttempt = { ...succeeded, attemptStatus: 'failed', runStatus: 'retrying', result: null }

/** Queued runs, their jobs, and what a worker would write of them. */
async function queued(t: Parameters<typeof testSystem>[0], runs: number) {
  const system = await testSystem(t)
  const nodeId = randomUUID()
  await system.pool.query(`insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'echo', '2100-01-01')`)
  await system.pool.query(`select pgbeat.trigger('s') from generate_series(1, $1)`, [runs])
  const { rows } = await system.pool.query<{ job: JobPayload }>(
    `select json_build_object('run_id', id::text, 'scheduled_for', scheduled_for, 'attempt', 1) as job
     from pgbeat.runs order by id`,
  )
  const jobs = rows.map(({ job }) => job)
  const found = await findAttempts(system.db, jobs)
  const write = (closing: ClosedAttempt) =>
    writeAttempts(
      system.db,
      nodeId,
      found.map((run) => ({
        ...outcomeOf(jobs.find(({ run_id }) => run_id === run.runId) as JobPayload, closing),
        jobId: '1',
        version: run.version,
        startedAtMs: run.nowMs,
      })),
    )
  const statuses = async () =>
    (
      await system.pool.query(`select r.status, a.status as tried from pgbeat.runs r
        left join pgbeat.attempts a on a.run_id = r.id order by r.id`)
    ).rows.map(({ status, tried }) => `${status} ${tried}`)
  return { system, nodeId, jobs, found, write, statuses }
}

t.test('an attempt that was not opened is written from beginning to end', async (t) => {
  const { system, write, statuses } = await queued(t, 2)
  t.equal((await write(succeeded)).length, 2)
  t.same(await statuses(), ['succeeded succeeded', 'succeeded succeeded'])
  t.match(
    await system.row(`select r.attempt, r.result, r.node_id = a.node_id as same_node, r.started_at = a.started_at as
      same_start, r.started_at <= r.finished_at as ended_later from pgbeat.runs r join pgbeat.attempts a on a.run_id = r.id`),
    { attempt: 1, result: 'done', same_node: true, same_start: true, ended_later: true },
  )
})

t.test('one that is to be tried again is given its next job', async (t) => {
  const { system, write, statuses } = await queued(t, 2)
  await write(retrying)
  t.same(await statuses(), ['retrying failed', 'retrying failed'])
  t.same(await system.row('select count(*)::int as jobs from graphile_worker.jobs'), { jobs: 4 }, 'besides the first')
})

t.test('nothing is claimed of a run that was cancelled, taken over or queued anew meanwhile', async (t) => {
  const { system, jobs, write, statuses } = await queued(t, 4)
  const [cancelled, taken, anew, untouched] = jobs.map(({ run_id }) => run_id)
  await system.pool.query('select pgbeat.cancel($1)', [cancelled])
  await openAttempts(system.db, randomUUID(), [{ job: jobs[1] as JobPayload, jobId: '2' }])
  await system.pool.query('select pgbeat.cancel($1)', [anew])
  await system.pool.query('select pgbeat.retry($1)', [anew])
  t.same(
    (await write(succeeded)).map(({ runId }) => runId),
    [untouched],
  )
  t.same(await statuses(), ['cancelled null', 'running running', 'queued null', 'succeeded succeeded'])
  t.ok(taken)
})

t.test('only what may begin is found', async (t) => {
  const { system, jobs } = await queued(t, 3)
  await system.pool.query('select pgbeat.cancel($1)', [jobs[0]?.run_id])
  await openAttempts(system.db, randomUUID(), [{ job: jobs[1] as JobPayload, jobId: '2' }])
  t.match(await findAttempts(system.db, jobs), [{ runId: jobs[2]?.run_id, attempt: 1, maxAttempts: 3 }])
})

t.test('many short runs take few transactions, and most of them one write', async (t) => {
  const system = await testSystem(t)
  const runs = 1_000
  let done = 0
  const finished = nextEvent(system.events, 'run:finished', () => {
    done += 1
    return done === runs
  })
  let begun = 0
  const run = async () => {
    begun += 1
  }
  await system.pool.query(`insert into pgbeat.tasks (name) values ('short')`)
  await system.pool.query(`insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'short', '2100-01-01')`)
  await system.pool.query(`select pgbeat.trigger('s') from generate_series(1, $1)`, [runs])
  const worker = await system.startWorker([defineTask({ name: 'short', description: '', payload: z.unknown(), run })])
  await finished
  await worker.stop()
  t.equal(begun, runs)
  const { transactions, tried } = await system.row<{ transactions: number; tried: number }>(
    `select count(distinct r.xmin::text)::int as transactions, count(*)::int as tried
     from pgbeat.runs r join pgbeat.attempts a on a.run_id = r.id where r.status = 'succeeded' and a.status = 'succeeded'`,
  )
  t.equal(tried, runs)
  t.ok(transactions < runs / 4, `${transactions} transactions`)
  const { updates } = await system.row<{ updates: number }>(
    `select coalesce(sum(n_tup_upd), 0)::int as updates from pg_stat_user_tables
     where schemaname = 'pgbeat' and relname ~ '^runs_[0-9d]'`,
  )
  t.ok(updates >= runs && updates < runs * 1.6, `${updates} updates`)
})

t.test('a run that has one attempt, or a timeout, is opened before its task runs', async (t) => {
  const system = await testSystem(t)
  const seen: Record<string, string> = {}
  const task = defineTask({
    name: 'look',
    description: '',
    payload: z.unknown(),
    run: async ({ run, db }) => {
      const { rows } = await db.query('select status from pgbeat.runs where id = $1', [run.id])
      seen[run.scheduleName] = rows[0].status
    },
  })
  await system.startWorker([task])
  await system.pool.query(`insert into pgbeat.schedules (name, task_name, run_at, max_attempts, timeout)
    values ('once', 'look', '2100-01-01', 1, null), ('timed', 'look', '2100-01-01', 3, '1 minute')`)
  for (const name of ['once', 'timed', 'once', 'timed']) {
    const finished = nextEvent(system.events, 'run:finished')
    await system.pool.query('select pgbeat.trigger($1)', [name])
    await finished
    t.equal(seen[name], 'running')
  }
})

t.test('a short task that reports, or logs, finds its attempt opened', async (t) => {
  const system = await testSystem(t)
  const statuses: string[] = []
  const task = defineTask({
    name: 'tell',
    description: '',
    payload: z.string(),
    run: async ({ payload, run, db, progress, log }) => {
      if (payload === 'progress') await progress(1, 2)
      else if (payload === 'log') log.info('hello')
      else return
      const { rows } = await db.query('select status, progress from pgbeat.runs where id = $1', [run.id])
      statuses.push(`${rows[0].status} ${rows[0].progress?.done}`)
    },
  })
  await system.startWorker([task])
  await system.pool.query(`insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'tell', '2100-01-01')`)
  for (const payload of ['none', 'progress', 'none', 'none', 'log']) {
    const finished = nextEvent(system.events, 'run:finished')
    await system.pool.query(`select pgbeat.trigger('s', $1)`, [JSON.stringify(payload)])
    t.match(await finished, { status: 'succeeded' })
  }
  t.equal(statuses[0], 'running 1')
  t.same(await system.row('select message, attempt from pgbeat.run_logs'), { message: 'hello', attempt: 1 })
  t.same(await system.row(`select count(*)::int as tried from pgbeat.attempts where status = 'succeeded'`), {
    tried: 5,
  })
})
