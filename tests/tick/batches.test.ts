import pg from 'pg'
import t from 'tap'
import { nextInstant } from '../../src/core/timetable.ts'
import { openSession, overSession } from '../../src/store/database.ts'
import type { Db } from '../../src/store/tables.ts'
import { Pace } from '../../src/tick/pace.ts'
import { prepareSession } from '../../src/tick/session.ts'
import { tick } from '../../src/tick/tick.ts'
import { type System, testSystem } from '../support/system.ts'
import { nothing } from '../support/timetable.ts'

const schedules = 6_000
const cronExpression = '0 0 1 1 *'
const timetable = { ...nothing, cronExpression }

/** Schedules that are all due now; without the checks, which take longer than the rest of the test. */
async function due(system: System): Promise<void> {
  await system.pool.query(
    `begin;
     set local session_replication_role = replica;
     insert into pgbeat.schedules (name, task_name, cron_expression, next_run_at, active_since)
     select 's-' || i, 'echo', '${cronExpression}', date_trunc('milliseconds', now()), now() from generate_series(1, ${schedules}) i;
     commit`,
  )
}

/** A session of a tick, and how often each kind of statement was sent on it. */
async function counting(t: { teardown(end: () => Promise<void>): void }, connectionString: string) {
  const session = await openSession(connectionString, 'test')
  t.teardown(() => session.end())
  await prepareSession(session)
  const sent: Record<string, number> = {}
  const query = session.query.bind(session)
  session.query = ((text: string, values?: unknown[]) => {
    const kind = kindOf(text)
    sent[kind] = (sent[kind] ?? 0) + 1
    return query(text, values)
  }) as typeof session.query
  return { db: overSession(session), sent }
}

function kindOf(text: string): string {
  if (text.includes('insert into pgbeat.runs')) return 'fire'
  if (text.includes('for update skip locked')) return 'lock'
  if (text.includes('from unnest')) return 'overlap'
  if (text.includes('as unplanned')) return 'pending'
  return text.trim().split(/\s/, 1)[0] as string
}

async function accountedFor(system: System) {
  return system.row(
    `select (select count(*)::int from pgbeat.runs) as runs,
       (select count(distinct schedule_id)::int from pgbeat.runs where status = 'queued') as queued,
       (select count(*)::int from graphile_worker.jobs) as jobs,
       (select count(*)::int from pgbeat.schedules where run_count = 1 and next_run_at > now()) as advanced`,
  )
}

const once = { runs: schedules, queued: schedules, jobs: schedules, advanced: schedules }

t.test('what is due is fired in batches of five statements each, however many rows they are', async (t) => {
  const system = await testSystem(t)
  await due(system)
  // The first schedule takes as long as hundreds of others, and what a batch decides is limited in time too.
  nextInstant(timetable, Date.now())
  const { db, sent } = await counting(t, system.connectionString)
  const fired: number[] = []
  system.events.on('tick:fired', ({ schedules }) => fired.push(schedules))
  let passes = 1
  while (await tick({ db, events: system.events })) passes += 1
  t.equal(Math.max(...fired), 2_500)
  t.same({ overlap: sent.overlap, fire: sent.fire }, { overlap: fired.length, fire: fired.length })
  t.same(
    { start: sent.start, commit: sent.commit },
    { start: sent.lock, commit: sent.lock },
    'each batch is a transaction',
  )
  t.ok((sent.lock ?? 0) <= fired.length + passes, 'a pass may look once in vain')
  t.same(await accountedFor(system), once)
})

t.test('when more than one batch is due, another session fires beside the leader', async (t) => {
  const system = await testSystem(t)
  await due(system)
  const leader = await counting(t, system.connectionString)
  const other = await counting(t, system.connectionString)
  while (await tick({ db: leader.db, beside: [other.db], events: system.events }));
  t.ok((leader.sent.fire ?? 0) >= 1)
  t.ok((other.sent.fire ?? 0) >= 1)
  t.same(await accountedFor(system), once)
})

t.test('a session beside the leader that fails keeps nothing from being fired', async (t) => {
  const system = await testSystem(t)
  await due(system)
  const leader = await counting(t, system.connectionString)
  const broken = new pg.Client(system.connectionString)
  await broken.connect()
  await broken.end()
  const failures: unknown[] = []
  system.events.on('component:failed', ({ error }) => failures.push(error))
  const beside: Db[] = [overSession(broken)]
  while (await tick({ db: leader.db, beside, events: system.events }));
  t.match(failures, [{ message: /closed/ }])
  t.same(await accountedFor(system), once)
})

t.test('a backlog is worked off in small batches, and what is on time comes before each of them', async (t) => {
  const system = await testSystem(t)
  await system.pool.query(
    `begin;
     set local session_replication_role = replica;
     insert into pgbeat.schedules (name, task_name, cron_expression, overlap_policy, catch_up, next_run_at, active_since)
     select 'late-' || i, 'echo', '* * * * *', 'allow', 'all', date_trunc('minute', now()) - interval '10 minutes', now()
     from generate_series(1, 300) i;
     insert into pgbeat.schedules (name, task_name, cron_expression, next_run_at) values ('live', 'echo', '0 0 1 1 *', now());
     commit`,
  )
  const { db } = await counting(t, system.connectionString)
  const fired: { isLate: boolean; runs: number }[] = []
  system.events.on('tick:fired', ({ isLate, runs }) => fired.push({ isLate, runs }))
  for (let pass = 1; pass <= 3; pass += 1) {
    fired.length = 0
    await tick({ db, events: system.events })
    t.match(fired, [{ isLate: false, runs: 1 }, { isLate: true }])
    const runs = fired[1]?.runs ?? 0
    t.ok(runs > 0 && runs < 520, `${runs} runs`)
    await system.pool.query(`update pgbeat.schedules set next_run_at = clock_timestamp() where name = 'live'`)
  }
})

t.test('an instant that has a run gets no second one, and keeps none of its batch from firing', async (t) => {
  const system = await testSystem(t)
  await due(system)
  await system.pool.query(
    `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts)
     select id, name, task_name, payload, next_run_at, 'backfill', 'succeeded', 1 from pgbeat.schedules where name = 's-7'`,
  )
  const { db } = await counting(t, system.connectionString)
  while (await tick({ db, events: system.events }));
  t.same(await accountedFor(system), { ...once, queued: schedules - 1, jobs: schedules - 1 })
})

t.test('a pass that is told that nothing can be due does not ask, and does all else', async (t) => {
  const system = await testSystem(t)
  await due(system)
  await system.pool.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ('new', 'echo', '0 0 1 1 *')`,
  )
  const { db, sent } = await counting(t, system.connectionString)
  t.equal(await tick({ db, events: system.events, mayBeDue: false }), true)
  t.equal(sent.fire, undefined)
  t.match(await accountedFor(system), { runs: 0 })
  t.match(await system.row(`select next_run_at from pgbeat.schedules where name = 'new'`), { next_run_at: Date })
})

t.test('while there is something to fire, what else there is to do is asked for now and then', async (t) => {
  const system = await testSystem(t)
  await system.pool.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ('one', 'echo', '0 0 1 1 *')`,
  )
  const { db, sent } = await counting(t, system.connectionString)
  const paces = { promote: new Pace(), advance: new Pace(), ask: new Pace({ leastRestMs: 60_000 }) }
  const options = { db, events: system.events, paces }
  while (await tick(options));
  const passFiring = async () => {
    await system.pool.query('update pgbeat.schedules set next_run_at = clock_timestamp()')
    const before = sent.pending ?? 0
    t.equal(await tick(options), true)
    return (sent.pending ?? 0) - before
  }
  t.equal(await passFiring(), 1)
  t.equal(await passFiring(), 0, 'not in each pass that fires')
  const before = sent.pending ?? 0
  t.equal(await tick(options), false)
  t.equal(sent.pending, before + 1, 'in each that does not')
})
