import t from 'tap'
import { runStatuses } from '../../src/core/run-state.ts'
import { openPool, overPool } from '../../src/store/database.ts'
import { lockDue, lockDueAt, nextCrowd, untilDue } from '../../src/store/due-schedules.ts'
import { fire } from '../../src/store/firing.ts'
import { createPartitionsAhead } from '../../src/store/partitions.ts'
import { whatIsPending } from '../../src/store/pending.ts'
import type { RunFilter } from '../../src/store/run-filter.ts'
import { countRuns, listRuns } from '../../src/store/run-listing.ts'
import { runSorts } from '../../src/store/run-sort.ts'
import type { ScheduleFilter } from '../../src/store/schedule-filter.ts'
import { countSchedules, listSchedules, scheduleSorts } from '../../src/store/schedule-listing.ts'
import { prepareSession } from '../../src/tick/session.ts'
import { testDatabase } from '../support/database.ts'
import { explaining } from './explaining.ts'

// What a plan says at 100,000 rows holds for more: nothing may be read from one end to the other.

t.test('lists of schedules, and what the tick asks of them', async (t) => {
  const { pool } = await testDatabase(t)
  // Without the checks, which take most of a minute for so many.
  await pool.query(`
    begin;
    set local session_replication_role = replica;
    insert into pgbeat.schedules (name, task_name, cron_expression, enabled, category, tags, description, next_run_at,
      created_at, updated_at)
    select 's-' || i * 7919 % 100000, 'task-' || i % 10, '0 0 1 1 *', i % 50 > 0, 'category-' || i % 20, array['tag-' || i % 200],
      'loads ' || i, timestamptz '2030-01-01' + i % 5000 * interval '1 s',
      timestamptz '2026-01-01' + i * interval '1 s', timestamptz '2026-01-01' + i * interval '1 s'
    from generate_series(1::bigint, 100000) i;
    insert into pgbeat.schedule_search
    select id, name, description, category, task_name, tags, enabled, created_at, updated_at from pgbeat.schedules;
    commit`)
  await pool.query('vacuum analyze pgbeat.schedules, pgbeat.schedule_search')
  const { db, readFromEndToEnd } = explaining(pool)
  const filters: ScheduleFilter[] = [
    {},
    { enabled: true },
    { enabled: false },
    { category: 'category-7' },
    { taskName: 'task-7' },
    { tags: ['tag-7'] },
    { search: 's-77' },
    { search: 'nobody has it' },
    { refs: ['a name'] },
    { hasError: true },
    { enabled: true, category: 'category-7', tags: ['tag-7'], search: 's-77' },
  ]
  for (const filter of filters) {
    for (const sort of scheduleSorts) {
      const found = await readFromEndToEnd(() => listSchedules(db, filter, { sort, limit: 50 }))
      t.same(found, [], `${JSON.stringify(filter)} by ${sort}`)
    }
  }
  for (const sort of scheduleSorts) {
    const { next } = await listSchedules(db, {}, { sort, limit: 1 })
    const found = await readFromEndToEnd(() => listSchedules(db, {}, { sort, limit: 50, after: next ?? undefined }))
    t.same(found, [], `going on by ${sort}`)
  }
  const rare: ScheduleFilter[] = [
    { category: 'nobody' },
    { tags: ['nobody'] },
    { search: 'nobody' },
    { hasError: true },
  ]
  for (const filter of rare) {
    for (const sort of ['name', 'next_run_at'] as const) {
      const found = await readFromEndToEnd(() => countSchedules(db, filter, sort, 10_000))
      t.same(found, [], `count of ${JSON.stringify(filter)} by ${sort}`)
    }
  }
  for (const late of [true, false]) {
    t.same(await readFromEndToEnd(() => lockDue(db, { late, limit: 1_000 })), [], `due, ${late ? 'late' : 'on time'}`)
  }
  t.same(await readFromEndToEnd(() => untilDue(db)), [])
  t.same(await readFromEndToEnd(() => whatIsPending(db)), [])
})

t.test('what firing a batch takes, however long ago the tables were analyzed', async (t) => {
  const { pool, connectionString } = await testDatabase(t)
  await pool.query(`
    begin;
    set local session_replication_role = replica;
    insert into pgbeat.schedules (name, task_name, cron_expression, next_run_at)
    select 's-' || i, 'echo', '0 0 1 1 *', timestamptz '2030-01-01' + i % 5000 * interval '1 s'
    from generate_series(1::bigint, 100000) i;
    commit`)
  const fires = openPool({ connectionString, applicationName: 'test', maxConnections: 1, onConnect: prepareSession })
  t.teardown(() => fires.end())
  const { db, readFromEndToEnd } = explaining(fires)
  const { rows } = await pool.query<{ id: string; place: string }>(
    'select id, ctid::text as place from pgbeat.schedules where name < $1',
    ['s-2'],
  )
  const run = { origin: 'schedule', status: 'queued', reason: null, missedSince: null, missedCount: null } as const
  const runs = [{ ...run, scheduledFor: Date.UTC(2030, 0, 1), jitterMs: 0, clockChange: null }]
  const decided = rows.map((row) => ({ ...row, decision: { runs, lapse: null, nextRunAt: null } }))
  t.ok(decided.length > 10_000)
  for (const analyzed of [false, true]) {
    if (analyzed) await pool.query('analyze pgbeat.schedules; analyze pgbeat.runs')
    t.same(await readFromEndToEnd(() => fire(db, decided, { mayExist: true })), [])
    t.same(await readFromEndToEnd(() => lockDue(db, { late: false, limit: 2_500 })), [])
    t.same(await readFromEndToEnd(() => untilDue(db)), [])
    t.same(await readFromEndToEnd(() => nextCrowd(db, { withinMs: 1_000, least: 100, most: 10_000 })), [])
    const ofMany = { instant: Date.UTC(2030, 0, 1), limit: 2_500, share: { index: 0, of: 4 } }
    t.same(await readFromEndToEnd(() => lockDueAt(db, ofMany)), [])
  }
})

t.test('lists of runs', async (t) => {
  const { pool } = await testDatabase(t)
  await createPartitionsAhead(overPool(pool))
  await pool.query(
    `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts,
       finished_at)
     select ('00000000-0000-4000-8000-' || lpad((i % 1000)::text, 12, '0'))::uuid, 's', 'task-' || i % 10, '{}',
       now() + (i - 50000) * interval '1 s', case when i % 5000 = 0 then 'manual' else 'schedule' end,
       case i % 2000 when 1 then 'failed' when 2 then 'skipped' when 3 then 'running' else 'succeeded' end, 1,
       now() + (i - 50000) * interval '1 s'
     from generate_series(1, 100000) i`,
  )
  await pool.query('analyze pgbeat.runs')
  const { db, readFromEndToEnd, tablesRead, indexesOfGenericPlans } = explaining(pool)
  const scheduleId = '00000000-0000-4000-8000-000000000007'
  const filters: RunFilter[] = [
    {},
    { taskName: 'task-7' },
    { taskName: 'nobody' },
    { statuses: ['failed'] },
    { statuses: ['failed', 'skipped', 'missed', 'cancelled'] },
    { statuses: ['queued', 'running', 'retrying', 'waiting'] },
    { statuses: runStatuses },
    { origins: ['manual'] },
    { origins: ['manual', 'backfill'] },
    { reason: 'timeout' },
    { reason: 'timeout', statuses: ['failed', 'succeeded'] },
    { reason: 'partial' },
    { backfillId: '7' },
    { nodeId: '00000000-0000-4000-8000-000000000007' },
    { nodeId: '00000000-0000-4000-8000-000000000007', statuses: ['failed'] },
    { taskName: 'task-7', statuses: ['failed'] },
    { scheduleId },
    { scheduleId, statuses: ['failed'] },
  ]
  for (const filter of filters) {
    for (const sort of runSorts) {
      if (sort.endsWith('scheduled_for') && filter.scheduleId === undefined) continue
      const found = await readFromEndToEnd(() => listRuns(db, filter, { sort, limit: 50 }))
      t.same(found, [], `${JSON.stringify(filter)} by ${sort}`)
    }
  }
  const rare: RunFilter[] = [
    { scheduleId },
    { taskName: 'nobody' },
    { statuses: ['failed'] },
    { origins: ['manual'] },
    { reason: 'timeout', statuses: runStatuses },
  ]
  for (const filter of rare) {
    for (const sort of ['newest', 'finished_at'] as const) {
      const found = await readFromEndToEnd(() => countRuns(db, filter, sort, 10_000))
      t.same(found, [], `count of ${JSON.stringify(filter)} by ${sort}`)
    }
  }
  const { next } = await listRuns(db, { taskName: 'task-7' }, { limit: 50 })
  for (const after of [undefined, next ?? undefined]) {
    const used = await indexesOfGenericPlans(() => listRuns(db, { taskName: 'nobody' }, { limit: 50, after }))
    t.ok(used.length > 0)
    t.same(
      used.filter((name) => !name.includes('task_name')),
      [],
      'a rare task is not looked for among all runs',
    )
  }
  for (const filter of [{ reason: 'nobody gives it' }, { reason: 'timeout', statuses: ['succeeded' as const] }]) {
    const ask = async () => [await listRuns(db, filter, { limit: 50 }), await countRuns(db, filter, 'newest', 10_000)]
    t.same(await tablesRead(ask), [], `${JSON.stringify(filter)} finds nothing anywhere`)
  }
})

t.test('what did not succeed within some time is counted by an index alone', async (t) => {
  const { pool } = await testDatabase(t)
  await createPartitionsAhead(overPool(pool))
  // Vacuum takes rows for visible to all only once their commit is on disk.
  await pool.query(
    `begin;
     set local synchronous_commit = on;
     insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts)
     select gen_random_uuid(), 's', 'task', '{}', now() - i * interval '1 s', 'schedule',
       case i % 10 when 1 then 'failed' else 'succeeded' end, 1
     from generate_series(1, 50000) i;
     commit`,
  )
  await pool.query('vacuum analyze pgbeat.runs')
  const { db, tablesReadByRow } = explaining(pool)
  const filter: RunFilter = { statuses: ['failed'], from: Date.now() - 20_000_000, until: Date.now() - 1_000_000 }
  t.equal(await countRuns(db, filter, 'newest', 10_000), 1_900)
  t.same(await tablesReadByRow(() => countRuns(db, filter, 'newest', 10_000)), [])
})

t.test(
  'the newest of a schedule with few runs are not looked for among all, where others have most of them',
  async (t) => {
    const { pool } = await testDatabase(t)
    await createPartitionsAhead(overPool(pool))
    await pool.query(
      `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts)
     select ('00000000-0000-4000-8000-' || lpad((i % 4)::text, 12, '0'))::uuid, 's', 'task', '{}',
       now() - i * interval '1 s', 'schedule', 'succeeded', 1
     from generate_series(1, 50000) i`,
    )
    await pool.query('analyze pgbeat.runs')
    const { db, indexesOfGenericPlans } = explaining(pool)
    const scheduleId = '00000000-0000-4000-8000-000000000007'
    const used = await indexesOfGenericPlans(() => listRuns(db, { scheduleId }, { sort: 'newest', limit: 50 }))
    t.ok(used.length > 0)
    t.same(
      used.filter((name) => !name.includes('schedule_id')),
      [],
    )
  },
)
