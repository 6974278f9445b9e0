import { randomUUID } from 'node:crypto'
import t from 'tap'
import { z } from 'zod'
import { type RunStatus, runStatuses, statusesBefore } from '../../src/core/run-state.ts'
import { PermanentError } from '../../src/errors.ts'
import { closeAttempt, openAttempt } from '../../src/store/attempts.ts'
import type { JobPayload } from '../../src/store/job.ts'
import { Refused } from '../../src/store/refusal.ts'
import { retryRun, triggerRun } from '../../src/store/runs.ts'
import { defineTask } from '../../src/task.ts'
import { nextEvent } from '../support/events.ts'
import { simulation } from '../support/simulation.ts'
import { testSystem } from '../support/system.ts'

const tester = { name: 'tester' }

/** Fails for good until it is told to do better. */
function flakyTask() {
  const state = { succeeds: false, given: [] as unknown[] }
  const task = defineTask({
    name: 'flaky',
    description: '',
    payload: z.unknown(),
    run: async ({ payload }) => {
      state.given.push(payload)
      if (!state.succeeds) throw new PermanentError('not_yet', 'not yet')
      return 'done'
    },
  })
  return { task, state }
}

/** A schedule that was fired at noon and failed; half past twelve now. */
async function withFailure(t: Parameters<typeof simulation>[0], columns: Record<string, unknown> = {}) {
  const { task, state } = flakyTask()
  const simulated = await simulation(t, '2026-03-01T11:59:00Z', { tasks: [task] })
  const { sql, scheduler } = simulated
  const row = { name: 'x', task_name: 'flaky', cron_expression: '0 12 * * *', payload: { size: 1 }, ...columns }
  await sql(
    `insert into pgbeat.schedules (${Object.keys(row)}) values (${Object.keys(row).map((_, index) => `$${index + 1}`)})`,
    Object.values(row),
  )
  await scheduler.runUntil('2026-03-01T12:30:00Z')
  const [{ id }] = await sql('select id from pgbeat.runs')
  return { ...simulated, state, id: id as string }
}

const runRows = 'select status, origin, reason, attempt, max_attempts from pgbeat.runs order by scheduled_for'
const failedOnce = { status: 'failed', origin: 'schedule', reason: null, attempt: 1, max_attempts: 3 }

t.test('a run that failed is run again: the same row, which goes on counting its attempts', async (t) => {
  const { sql, scheduler, state, id } = await withFailure(t)
  t.same(await sql(runRows), [failedOnce])
  state.succeeds = true
  t.same(await sql('select pgbeat.retry($1) as retried', [id]), [{ retried: true }])
  t.match(await sql('select * from pgbeat.runs'), [
    {
      id,
      status: 'queued',
      queued_at: new Date('2026-03-01T12:30:00Z'),
      started_at: null,
      finished_at: null,
      error: null,
      result: null,
      node_id: null,
      job_id: null,
    },
  ])
  t.same(await sql('select pgbeat.retry($1) as retried', [id]), [{ retried: false }], 'it is under way')
  await scheduler.runDue()
  t.same(await sql(runRows), [{ ...failedOnce, status: 'succeeded', attempt: 2, max_attempts: 4 }])
  t.same(await sql(`select attempt, status, error->>'code' as code from pgbeat.attempts order by attempt`), [
    { attempt: 1, status: 'failed', code: 'not_yet' },
    { attempt: 2, status: 'succeeded', code: null },
  ])
})

t.test('each time as many attempts may follow as the first time', async (t) => {
  const { sql, clock, scheduler, id } = await withFailure(t)
  for (const attempt of [2, 3, 4]) {
    await sql('select pgbeat.retry($1)', [id])
    t.match(await sql(runRows), [{ status: 'queued', attempt: attempt - 1, max_attempts: attempt + 2 }])
    await scheduler.runDue()
    t.match(await sql(runRows), [{ status: 'failed', attempt }])
    await clock.advance(60_000)
  }
})

t.test('after a backfill too', async (t) => {
  const { sql, clock, scheduler, id } = await withFailure(t)
  await sql(`select pgbeat.backfill('x', '2026-03-01T12:00Z', '2026-03-01T12:00Z', 'failed')`)
  await scheduler.runDue()
  t.match(await sql(runRows), [{ status: 'failed', origin: 'backfill', attempt: 2, max_attempts: 4 }])
  await clock.advance(60_000)
  await sql('select pgbeat.retry($1)', [id])
  t.match(await sql(runRows), [{ status: 'queued', origin: 'backfill', attempt: 2, max_attempts: 5 }])
})

t.test('whatever is over can be run again, and nothing else', async (t) => {
  const { sql, id } = await withFailure(t)
  const over = new Set<RunStatus>(statusesBefore('queued').filter((status) => status !== 'waiting'))
  for (const status of runStatuses) {
    await sql('update pgbeat.runs set status = $1', [status])
    t.same(await sql('select pgbeat.retry($1) as retried', [id]), [{ retried: over.has(status) }], status)
  }
})

t.test('it is given what it was given, though the schedule was edited since, or deleted', async (t) => {
  const { sql, scheduler, state, id } = await withFailure(t)
  await sql(`update pgbeat.schedules set payload = '{"size": 2}', max_attempts = 9, priority = 7`)
  await sql('select pgbeat.retry($1)', [id])
  await scheduler.runDue()
  await sql('delete from pgbeat.schedules')
  await sql('select pgbeat.retry($1)', [id])
  await scheduler.runDue()
  t.same(state.given, [{ size: 1 }, { size: 1 }, { size: 1 }])
  t.match(await sql('select status, attempt, priority from pgbeat.runs'), [
    { status: 'failed', attempt: 3, priority: 0 },
  ])
})

t.test('no such run', async (t) => {
  const { sql, db } = await withFailure(t)
  await t.rejects(sql('select pgbeat.retry(12345)'), { code: 'P0002', message: 'there is no run 12345' })
  await t.rejects(sql('select pgbeat.retry(null)'), { code: 'P0002' })
  t.equal(await retryRun(db, tester, '12345'), null)
})

t.test('a missed instant can be run; a range of them can not, and the hint says what can be done', async (t) => {
  const { sql, clock, scheduler, state, db } = await withFailure(t, { timeout: '5 minutes', queue_name: 'q' })
  state.succeeds = true
  await clock.set('2026-03-02T18:00:00Z')
  await sql(`select pgbeat.pause('x')`)
  await clock.set('2026-03-05T18:00:00Z')
  await sql(`select pgbeat.resume('x')`)
  await scheduler.runDue()
  const missed = await sql(`
    select id, missed_count, to_char(scheduled_for at time zone 'UTC', 'DD') as day
    from pgbeat.runs where status = 'missed' order by scheduled_for`)
  t.match(missed, [
    { missed_count: 1, day: '02' },
    { missed_count: 3, day: '05' },
  ])
  const [single, range] = missed.map(({ id }) => id as string)
  await t.rejects(retryRun(db, tester, range as string), {
    constructor: Refused,
    subject: 'run',
    column: 'status',
    message: `run ${range} stands for a range of missed instants`,
    hint: /^select pgbeat\.backfill\('x', '2026-03-03 12:00:00\+00', '2026-03-05 12:00:00\+00'\) runs each of them\.$/,
  })
  t.equal(await retryRun(db, tester, single as string), true)
  t.match(await sql('select * from pgbeat.runs where id = $1', [single]), [
    {
      status: 'queued',
      missed_since: null,
      missed_count: null,
      reason: null,
      queue_name: 'q',
      timeout: { minutes: 5 },
    },
  ])
  await scheduler.runDue()
  t.match(await sql('select status from pgbeat.runs where id = $1', [single]), [{ status: 'succeeded' }])
  await sql('delete from pgbeat.schedules')
  await t.rejects(retryRun(db, tester, range as string), {
    message: /a range/,
    hint: 'Its schedule is gone, so nobody knows them any more.',
  })
})

t.test('it is an order: other runs of the schedule do not hold it back', async (t) => {
  for (const policy of ['skip', 'queue', 'replace']) {
    const { sql, clock, scheduler, id } = await withFailure(t, { overlap_policy: policy })
    await clock.set('2026-03-02T12:00:00Z')
    await scheduler.fireDue()
    await sql('select pgbeat.retry($1)', [id])
    await scheduler.fireDue()
    t.match(await sql(runRows), [{ status: 'queued' }, { status: 'queued' }], policy)
  }
})

t.test('the log says who asked for it, when, and what there was before', async (t) => {
  const { sql, id } = await withFailure(t)
  await sql(`set pgbeat.actor = 'alice'; select pgbeat.retry(${id})`)
  await sql(`select pgbeat.cancel(${id})`)
  await sql(`set pgbeat.actor = 'bob'; select pgbeat.retry(${id})`)
  t.match(await sql('select attempt, line, level, message, fields, logged_at from pgbeat.run_logs'), [
    {
      attempt: 2,
      line: 0,
      level: 'info',
      message: 'retried by bob',
      fields: { status: 'cancelled', reason: 'cancelled', finished_at: /^2026-03-01T12:30:00/ },
      logged_at: new Date('2026-03-01T12:30:00Z'),
    },
  ])
})

t.test('a worker runs it again at once, even when a job of the first time is left', async (t) => {
  const { task, state } = flakyTask()
  const system = await testSystem(t)
  const worker = await system.startWorker([task])
  await worker.stop()
  await system.pool.query(`insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'flaky', '2100-01-01')`)
  const id = (await triggerRun(system.db, tester, 's')) as string
  t.same(await system.row('select pgbeat.cancel($1) as cancelled', [id]), { cancelled: true })
  t.equal(await retryRun(system.db, tester, id), true)
  const finished = nextEvent(system.events, 'run:finished')
  state.succeeds = true
  await system.startWorker([task])
  t.match(await finished, { runId: id, status: 'succeeded', attempt: 1 })
  const again = nextEvent(system.events, 'run:finished')
  t.equal(await retryRun(system.db, tester, id), true)
  t.match(await again, { runId: id, status: 'succeeded', attempt: 2, result: 'done' })
  t.equal(state.given.length, 2)
})

t.test('what comes late of a lost attempt does not touch the new one', async (t) => {
  const { db, sql, id } = await withFailure(t)
  const jobOf = async (attempt: number) =>
    (
      await sql(
        `select json_build_object('run_id', id::text, 'scheduled_for', scheduled_for, 'attempt', $1::int) as job from pgbeat.runs`,
        [attempt],
      )
    )[0].job as JobPayload
  const outcome = { reason: null, error: null, retryInMs: 0 } as const
  const succeeded = { ...outcome, attemptStatus: 'succeeded', runStatus: 'succeeded' } as const
  await sql('select pgbeat.retry($1)', [id])
  const lost = { job: await jobOf(2), nodeId: randomUUID() }
  t.match(await openAttempt(db, { ...lost, jobId: '2' }), { attempt: 2 })
  await sql(`update pgbeat.runs set status = 'failed', reason = 'worker_lost'`)
  await sql(`update pgbeat.attempts set status = 'worker_lost' where attempt = 2`)
  t.equal(await retryRun(db, tester, id), true)
  t.equal(await closeAttempt(db, lost, { ...succeeded, result: 'too late' }), null)
  const next = { job: await jobOf(3), nodeId: lost.nodeId }
  t.match(await openAttempt(db, { ...next, jobId: '3' }), { attempt: 3 })
  t.equal(await closeAttempt(db, lost, { ...succeeded, result: 'too late' }), null)
  t.equal(await openAttempt(db, { ...lost, jobId: '2' }), null)
  t.match(await closeAttempt(db, next, { ...succeeded, result: 'in time' }), { status: 'succeeded' })
  t.match(await sql('select result from pgbeat.runs'), [{ result: 'in time' }])
  t.same(await sql('select attempt, status from pgbeat.attempts order by attempt'), [
    { attempt: 1, status: 'failed' },
    { attempt: 2, status: 'worker_lost' },
    { attempt: 3, status: 'succeeded' },
  ])
})

t.test('two who ask at once start it once', async (t) => {
  const { db, id, sql } = await withFailure(t)
  const answers = await Promise.all([1, 2, 3].map(() => retryRun(db, tester, id)))
  t.same(answers.sort(), [false, false, true])
  t.match(await sql('select count(*)::int as jobs from graphile_worker.jobs where task_identifier = $1', ['flaky']), [
    { jobs: 2 },
  ])
})
