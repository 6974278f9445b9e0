import t from 'tap'
import { openSession, overSession } from '../../src/store/database.ts'
import { simulateClock } from '../../src/store/simulated-clock.ts'
import { nextEvent } from '../support/events.ts'
import { type System, testSystem, tickUntilIdle } from '../support/system.ts'

const minute = 60_000

/**
 * Inserts a schedule, has it planned, and answers its next instant. That is an hour away unless the test says otherwise,
 * so that nothing is due by the clock on the wall while the test says what time it is.
 */
async function planned(system: System, columns: Record<string, unknown> = {}): Promise<{ id: string; at: number }> {
  const inAnHour = new Date(Date.now() + 60 * minute)
  const row = { task_name: 'echo', cron_expression: '* * * * *', starts_at: inAnHour, ...columns }
  const names = Object.keys(row)
  const { id } = await system.row<{ id: string }>(
    `insert into pgbeat.schedules (${names}) values (${names.map((_, index) => `$${index + 1}`)}) returning id`,
    Object.values(row),
  )
  await tickUntilIdle(system)
  const { next_run_at } = await system.row<{ next_run_at: Date }>(
    'select next_run_at from pgbeat.schedules where id = $1',
    [id],
  )
  return { id, at: Number(next_run_at) }
}

async function ledger(system: System, id: string) {
  const { rows } = await system.pool.query(
    `select (extract(epoch from scheduled_for) * 1000)::float8 as at, status, origin, reason, missed_count
     from pgbeat.runs where schedule_id = $1 order by scheduled_for`,
    [id],
  )
  return rows
}

const jobs = (system: System) =>
  system.row<{ count: number }>('select count(*)::int as count from graphile_worker.jobs')

t.test('an instant that is due becomes a run and a job, and the schedule moves on', async (t) => {
  const system = await testSystem(t)
  const { id, at } = await planned(system, { payload: { n: 1 }, priority: 7, queue_name: 'q', timeout: '90 seconds' })
  await tickUntilIdle(system, at - 1)
  t.same(await ledger(system, id), [], 'a millisecond early it is not due')
  await tickUntilIdle(system, at)
  t.same(await ledger(system, id), [{ at, status: 'queued', origin: 'schedule', reason: null, missed_count: null }])
  const run = await system.row('select payload, priority, queue_name, max_attempts, attempt from pgbeat.runs')
  t.same(run, { payload: { n: 1 }, priority: 7, queue_name: 'q', max_attempts: 3, attempt: 0 })
  const job = await system.row('select task_identifier, queue_name, priority from graphile_worker.jobs')
  t.same(job, { task_identifier: 'echo', queue_name: 'q', priority: 7 })
  const schedule = await system.row('select next_run_at, last_run_at, run_count from pgbeat.schedules')
  t.same(schedule, { next_run_at: new Date(at + minute), last_run_at: new Date(at), run_count: '1' })
})

t.test('two ticks at once fire each instant once', async (t) => {
  const system = await testSystem(t)
  await system.pool.query(
    `insert into pgbeat.schedules (task_name, every, overlap_policy, catch_up)
     select 'echo', interval '1 second', 'allow', 'all' from generate_series(1, 300)`,
  )
  await tickUntilIdle(system)
  const sessions = await Promise.all([1, 2, 3].map(() => openSession(system.connectionString, 'test')))
  await simulateClock(system.db, Date.now() + 30_000)
  await Promise.all(sessions.map((session) => tickUntilIdle({ db: overSession(session), events: system.events })))
  await Promise.all(sessions.map((session) => session.end()))
  const { runs, instants } = await system.row<{ runs: number; instants: number }>(
    `select count(*)::int as runs, count(distinct (schedule_id, scheduled_for))::int as instants from pgbeat.runs`,
  )
  t.ok(runs >= 300 * 29)
  t.equal(runs, instants)
  t.equal((await jobs(system)).count, runs)
})

t.test('a tick that repeats what another has done adds nothing', async (t) => {
  const system = await testSystem(t)
  const { id, at } = await planned(system)
  await tickUntilIdle(system, at)
  await system.pool.query('update pgbeat.schedules set next_run_at = $1', [new Date(at)])
  await tickUntilIdle(system, at)
  t.equal((await ledger(system, id)).length, 1)
  t.equal((await jobs(system)).count, 1)
})

t.test("what can't be written whole is not written at all", async (t) => {
  const system = await testSystem(t)
  const { id, at } = await planned(system)
  await system.pool.query('alter function graphile_worker.add_jobs rename to add_jobs_away')
  await t.rejects(tickUntilIdle(system, at))
  t.same(await ledger(system, id), [])
  t.same(await system.row('select next_run_at from pgbeat.schedules'), { next_run_at: new Date(at) })
  await system.pool.query('alter function graphile_worker.add_jobs_away rename to add_jobs')
  await tickUntilIdle(system, at)
  t.equal((await ledger(system, id)).length, 1)
})

t.test('one bad schedule is marked, and the others fire', async (t) => {
  const system = await testSystem(t)
  const { id, at } = await planned(system, { name: 'good' })
  await system.pool.query(`
    alter table pgbeat.schedules disable trigger before_write;
    insert into pgbeat.schedules (name, task_name, cron_expression) values ('unreadable', 'echo', 'nonsense');
    insert into pgbeat.schedules (name, task_name, cron_expression, next_run_at) values ('turned bad', 'echo', '99 * * * *', now());
    alter table pgbeat.schedules enable trigger before_write`)
  const told = nextEvent(system.events, 'tick:planned', ({ refused }) => refused[0]?.name === 'unreadable')
  await tickUntilIdle(system, at)
  t.equal((await ledger(system, id)).length, 1)
  t.match((await told).refused[0], { error: /five, six, or seven/ })
  const { rows } = await system.pool.query('select name from pgbeat.schedules where error is not null order by name')
  t.same(rows, [{ name: 'turned bad' }, { name: 'unreadable' }])
  await system.pool.query(`update pgbeat.schedules set cron_expression = '* * * * *' where error is not null`)
  await tickUntilIdle(system)
  t.same(
    await system.row('select count(error)::int as broken, count(next_run_at)::int as planned from pgbeat.schedules'),
    {
      broken: 0,
      planned: 3,
    },
  )
})

t.test('a row that nothing can be made of stops nobody else', async (t) => {
  const system = await testSystem(t)
  await system.pool.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression, timezone)
      values ('after the last year', 'echo', '59 59 23 31 12 * 9999', 'America/New_York');
    alter table pgbeat.schedules disable trigger before_write;
    insert into pgbeat.schedules (name, task_name, every) values ('too far', 'echo', '200000000 days');
    insert into pgbeat.schedules (name, task_name, every, starts_at) values ('never', 'echo', '1 minute', 'infinity');
    insert into pgbeat.schedules (name, task_name, every, starts_at) values ('always', 'echo', '1 minute', '-infinity');
    insert into pgbeat.schedules (name, task_name, run_at) values ('late', 'echo', '20000-01-01');
    insert into pgbeat.schedules (name, task_name, every, starts_at, next_run_at)
      values ('was planned', 'echo', '1 minute', 'infinity', now());
    alter table pgbeat.schedules enable trigger before_write`)
  const { id, at } = await planned(system, { name: 'good' })
  await tickUntilIdle(system, at)
  t.equal((await ledger(system, id)).length, 1)
  const { unplanned } = await system.row<{ unplanned: number }>(
    `select count(*)::int as unplanned from pgbeat.schedules where next_run_at is null and error is null`,
  )
  t.equal(unplanned, 0, 'each is finished or says what is wrong')
})

t.test('an edit that names no other instants keeps those that are due', async (t) => {
  const system = await testSystem(t)
  const { id, at } = await planned(system, { catch_up: 'all', overlap_policy: 'allow' })
  await system.pool.query('update pgbeat.schedules set max_runs = 1000')
  await system.pool.query(`update pgbeat.schedules set ends_at = '2100-01-01'`)
  await tickUntilIdle(system, at + 2 * minute)
  t.same(
    (await ledger(system, id)).map(({ status }) => status),
    ['queued', 'queued', 'queued'],
  )
})

t.test('the number of statements does not depend on the number of schedules', async (t) => {
  const statementsFor = async (schedules: number) => {
    const system = await testSystem(t)
    await system.pool.query(
      `insert into pgbeat.schedules (task_name, every, starts_at)
       select 'echo', interval '1 day', now() + interval '1 hour' from generate_series(1, $1)`,
      [schedules],
    )
    const session = await openSession(system.connectionString, 'test')
    let statements = 0
    const query = session.query.bind(session)
    session.query = ((...args: Parameters<typeof query>) => {
      statements += 1
      return query(...args)
    }) as typeof session.query
    await tickUntilIdle({ db: overSession(session), events: system.events })
    await tickUntilIdle({ db: overSession(session), events: system.events }, Date.now() + 61 * minute)
    await session.end()
    t.equal((await jobs(system)).count, schedules)
    return statements
  }
  t.equal(await statementsFor(500), await statementsFor(1))
})

t.test('edits', async (t) => {
  const system = await testSystem(t)
  const { id, at } = await planned(system, { name: 'edited' })
  const next = async () =>
    (await system.row<{ next_run_at: Date | null }>('select next_run_at from pgbeat.schedules where id = $1', [id]))
      .next_run_at
  await system.pool.query(`update pgbeat.schedules set description = 'words', tags = '{a}', payload = '{"x": 1}'`)
  t.same(await next(), new Date(at), 'a description, a tag or a payload moves nothing')
  await system.pool.query(`update pgbeat.schedules set cron_expression = '0 0 1 1 *'`)
  t.equal(await next(), null, 'a timetable is planned anew')
  await tickUntilIdle(system)
  t.match((await next())?.toISOString(), /-01-01T00:00:00/)
  await system.pool.query('update pgbeat.schedules set enabled = false')
  await tickUntilIdle(system)
  t.equal(await next(), null, 'a paused schedule has no next instant')
  await system.pool.query(`update pgbeat.schedules set enabled = true, cron_expression = '* * * * *', starts_at = null`)
  await tickUntilIdle(system)
  t.ok(Number(await next()) > Date.now(), 'nothing of the pause is caught up')
})

t.test('a schedule that is over is finished and kept', async (t) => {
  const system = await testSystem(t)
  const { id } = await planned(system, { cron_expression: null, starts_at: null, run_at: new Date() })
  t.equal((await ledger(system, id)).length, 1, 'once means now when its instant has come')
  t.same(await system.row('select next_run_at::text, enabled from pgbeat.schedules'), {
    next_run_at: 'infinity',
    enabled: true,
  })
})

t.test('starts_at = now() is due at once', async (t) => {
  const system = await testSystem(t)
  await system.pool.query(
    `insert into pgbeat.schedules (task_name, every, starts_at) values ('echo', interval '1 hour', now())`,
  )
  await tickUntilIdle(system)
  t.equal((await jobs(system)).count, 1)
})

t.test('overlap_policy', async (t) => {
  for (const [policy, second] of Object.entries({ skip: 'skipped', queue: 'waiting', allow: 'queued' })) {
    const system = await testSystem(t)
    const { id, at } = await planned(system, { overlap_policy: policy })
    await tickUntilIdle(system, at)
    await tickUntilIdle(system, at + minute)
    t.same(
      (await ledger(system, id)).map(({ status }) => status),
      ['queued', second],
      policy,
    )
    await system.pool.query(`update pgbeat.runs set status = 'succeeded' where status = 'queued'`)
    await tickUntilIdle(system, at + minute)
    const after = { skip: 'skipped', queue: 'queued', allow: 'succeeded' }[policy]
    t.same(
      (await ledger(system, id)).map(({ status }) => status),
      ['succeeded', after],
      `${policy}: after the first is over`,
    )
  }
})

t.test('downtime leaves one row for what was missed, and the latest is caught up', async (t) => {
  const system = await testSystem(t)
  const { id, at } = await planned(system, { cron_expression: '0 * * * *' })
  const hour = 60 * minute
  await tickUntilIdle(system, at + 10 * hour + 5 * minute)
  t.same(await ledger(system, id), [
    { at: at + 9 * hour, status: 'missed', origin: 'schedule', reason: 'catch_up_latest', missed_count: 10 },
    { at: at + 10 * hour, status: 'queued', origin: 'catch_up', reason: null, missed_count: null },
  ])
  t.equal((await jobs(system)).count, 1)
})

t.test('jitter delays the job, not the instant', async (t) => {
  const system = await testSystem(t)
  const { id, at } = await planned(system, { jitter: '50 seconds' })
  await tickUntilIdle(system, at)
  t.equal((await ledger(system, id))[0].at, at)
  const { delay } = await system.row<{ delay: number }>(
    `select extract(epoch from j.run_at - r.scheduled_for)::float8 as delay from graphile_worker.jobs j, pgbeat.runs r`,
  )
  t.ok(delay > 0 && delay <= 50, `${delay} s`)
})
