import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { z } from 'zod'
import { type RunStatus, runStatuses, statusesBefore } from '../../src/core/run-state.ts'
import { PermanentError, RetryLaterError } from '../../src/errors.ts'
import { openAttempt } from '../../src/store/attempts.ts'
import type { JobPayload } from '../../src/store/job.ts'
import { closeAttempt } from '../../src/store/outcomes.ts'
import { Refused } from '../../src/store/refusal.ts'
import { retryRun, triggerRun } from '../../src/store/runs.ts'
import { defineTask } from '../../src/task.ts'
import { nextEvent } from '../support/events.ts'
import { type Simulation, simulation } from '../support/simulation.ts'
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

async function insertSchedule(sql: Simulation['sql'], row: Record<string, unknown>) {
  const columns = Object.keys(row)
  await sql(
    `insert into pgbeat.schedules (${columns}) values (${columns.map((_, index) => `$${index + 1}`)})`,
    Object.values(row),
  )
}

/** A schedule that was fired at noon and failed; half past twelve now. */
async function withFailure(t: Parameters<typeof simulation>[0], columns: Record<string, unknown> = {}) {
  const { task, state } = flakyTask()
  const simulated = await simulation(t, '2026-03-01T11:59:00Z', { tasks: [task] })
  const { sql, scheduler } = simulated
  const row = { name: 'x', task_name: 'flaky', cron_expression: '0 12 * * *', payload: { size: 1 }, ...columns }
  await insertSchedule(sql, row)
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
  const { sql, clock, scheduler, state, db } = await withFailure(t, {
    timeout: '5 minutes',
    retry_delay: '1 minute',
    queue_name: 'q',
  })
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
      retry_delay: { minutes: 1 },
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

/** A schedule that was fired at noon; all of its attempts fail with this error, and the first has. */
async function withFailures(
  t: Parameters<typeof simulation>[0],
  columns: Record<string, unknown>,
  error = new Error(),
) {
  const failing = defineTask({
    name: 'failing',
    description: '',
    payload: z.unknown(),
    run: async () => {
      throw error
    },
  })
  const simulated = await simulation(t, '2026-03-01T11:59:00Z', { tasks: [failing] })
  const row = { name: 'x', task_name: 'failing', run_at: '2026-03-01T12:00Z', max_attempts: 5, ...columns }
  await insertSchedule(simulated.sql, row)
  await simulated.scheduler.runUntil('2026-03-01T12:00:00Z')
  return simulated
}

/** Asserts that the pauses between the attempts were this many seconds, or up to a quarter less. */
async function samePauses(t: Test, { sql }: Simulation, seconds: number[]) {
  const pauses = await sql(`
    select pause from (
      select attempt, extract(epoch from started_at - lag(finished_at) over (order by attempt))::float8 as pause
      from pgbeat.attempts
    ) attempts where attempt > 1 order by attempt`)
  t.equal(pauses.length, seconds.length)
  for (const [index, { pause }] of pauses.entries()) {
    const full = seconds[index] as number
    t.ok(pause >= full * 0.75 && pause <= full, `${pause} s of ${full} s`)
  }
}

t.test('the pauses between attempts grow from the retry_delay of the schedule', async (t) => {
  const expected: [string | null, number[]][] = [
    [null, [5, 15, 45, 135]],
    ['1 minute', [60, 180, 540, 900]],
    ['2 hours', [7_200, 7_200, 7_200, 7_200]],
  ]
  for (const [retry_delay, pauses] of expected) {
    const simulated = await withFailures(t, { retry_delay })
    await simulated.scheduler.runUntil('2026-03-02T12:00:00Z')
    await samePauses(t, simulated, pauses)
    t.match(await simulated.sql(runRows), [{ status: 'failed', attempt: 5 }])
  }
})

t.test('a task that says when to try again is not asked to wait for longer', async (t) => {
  const simulated = await withFailures(
    t,
    { retry_delay: '2 hours', max_attempts: 2 },
    new RetryLaterError('busy', 'in a second', 1_000),
  )
  await simulated.scheduler.runUntil('2026-03-01T12:00:01Z')
  t.match(await simulated.sql(runRows), [{ status: 'failed', attempt: 2 }])
})

t.test('a run keeps the retry_delay that it was fired with, though the schedule was edited, or deleted', async (t) => {
  const simulated = await withFailures(t, { retry_delay: '1 minute', max_attempts: 4 })
  const { sql, scheduler } = simulated
  await sql(`update pgbeat.schedules set retry_delay = '2 hours'`)
  await scheduler.runUntil('2026-03-01T12:01:00Z')
  await sql('delete from pgbeat.schedules')
  await scheduler.runUntil('2026-03-01T13:00:00Z')
  await samePauses(t, simulated, [60, 180, 540])
})

t.test('whatever makes a run gives it the retry_delay that the schedule has then', async (t) => {
  const { sql, scheduler, id } = await withFailure(t, { retry_delay: '1 minute' })
  await sql(`update pgbeat.schedules set retry_delay = '2 minutes', starts_at = '2026-02-28T00:00Z'`)
  const kept = `select origin, retry_delay from pgbeat.runs order by scheduled_for`
  await sql(`select pgbeat.trigger('x')`)
  await sql('select pgbeat.retry($1)', [id])
  t.same(await sql(kept), [
    { origin: 'schedule', retry_delay: { minutes: 1 } },
    { origin: 'manual', retry_delay: { minutes: 2 } },
  ])
  await scheduler.runDue()
  await sql(`select pgbeat.backfill('x', '2026-02-28T12:00Z', '2026-03-01T12:00Z', 'all')`)
  await scheduler.runDue()
  t.same(await sql(kept), [
    { origin: 'backfill', retry_delay: { minutes: 2 } },
    { origin: 'backfill', retry_delay: { minutes: 2 } },
    { origin: 'manual', retry_delay: { minutes: 2 } },
  ])
})

t.test('an edit of it alone is one, and is in the history', async (t) => {
  const { sql } = await withFailure(t)
  await sql(`update pgbeat.schedules set retry_delay = '1 minute'`)
  await sql(`update pgbeat.schedules set retry_delay = '60 seconds'`)
  t.match(await sql('select revision, changes from pgbeat.schedule_events where event_type = $1', ['updated']), [
    { revision: '2', changes: { retry_delay: { to: 'PT1M' } } },
  ])
  await t.rejects(sql(`update pgbeat.schedules set retry_delay = '0'`), { message: /^retry_delay must be longer/ })
})
