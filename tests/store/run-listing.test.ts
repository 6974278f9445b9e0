import type pg from 'pg'
import t from 'tap'
import { runStatuses } from '../../src/core/run-state.ts'
import { overPool } from '../../src/store/database.ts'
import type { RunFilter } from '../../src/store/run-filter.ts'
import { countRuns, listRuns } from '../../src/store/run-listing.ts'
import { type RunKey, type RunSort, runSorts } from '../../src/store/run-sort.ts'
import { findRun } from '../../src/store/runs.ts'
import { restoreClock, simulateClock } from '../../src/store/simulated-clock.ts'
import type { Db } from '../../src/store/tables.ts'
import { testDatabase } from '../support/database.ts'

const now = Date.UTC(2030, 5, 15, 12)
const one = '00000000-0000-4000-8000-000000000001'
const two = '00000000-0000-4000-8000-000000000002'

/**
 * Runs of two schedules over 300 days, some in daily partitions and most in the default one, a few of them written long
 * after their instant. Many ended at the same time, a microsecond apart.
 */
async function fill(t: Parameters<typeof testDatabase>[0]): Promise<{ pool: pg.Pool; db: Db }> {
  const { pool } = await testDatabase(t)
  const db = overPool(pool)
  await simulateClock(db, now)
  t.teardown(() => restoreClock(db).catch(() => {}))
  await pool.query(`select pgbeat.create_run_partitions('2030-06-01', '2030-06-18')`)
  await pool.query(
    `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, reason,
       max_attempts, retry_delay, timeout, finished_at, backfill_id)
     select case when i % 3 > 0 then '${one}' else '${two}' end::uuid, 's', 'task-' || i % 2, '{}',
       case when i % 20 = 0 then $1::timestamptz - i * interval '1 day' else $1 - (300 - i) * interval '20 hours' - interval '1 hour' end
         + i % 2 * interval '1 us',
       (array['schedule', 'schedule', 'schedule', 'catch_up', 'backfill', 'manual'])[1 + i % 6],
       ($2::text[])[1 + i % 9],
       case 1 + i % 9 when 6 then 'timeout' when 8 then 'overlap' when 5 then nullif('partial', left('partial', i % 7)) end,
       3, '1 minute', '90 s', case when i % 9 > 3 then $1 - i / 7 * interval '1 us' end, nullif(i % 6, 3)
     from generate_series(1, 300) i`,
    [new Date(now), runStatuses],
  )
  return { pool, db }
}

const filters: Record<string, { filter: RunFilter; condition: string }> = {
  everything: { filter: {}, condition: 'true' },
  'a schedule': { filter: { scheduleId: one }, condition: `schedule_id = '${one}'` },
  'a task': { filter: { taskName: 'task-1' }, condition: `task_name = 'task-1'` },
  failed: { filter: { statuses: ['failed'] }, condition: `status = 'failed'` },
  'what is not over': {
    filter: { statuses: ['waiting', 'queued', 'running', 'retrying'] },
    condition: `status in ('waiting', 'queued', 'running', 'retrying')`,
  },
  'what never ran, given twice': {
    filter: { statuses: ['missed', 'skipped', 'missed'] },
    condition: `status in ('missed', 'skipped')`,
  },
  'succeeded or failed': {
    filter: { statuses: ['succeeded', 'failed'] },
    condition: `status in ('succeeded', 'failed')`,
  },
  'every status': { filter: { statuses: runStatuses }, condition: 'true' },
  'no status': { filter: { statuses: [] }, condition: 'false' },
  manual: { filter: { origins: ['manual'] }, condition: `origin = 'manual'` },
  'two origins': { filter: { origins: ['backfill', 'schedule'] }, condition: `origin in ('backfill', 'schedule')` },
  'two rare origins': { filter: { origins: ['backfill', 'manual'] }, condition: `origin in ('backfill', 'manual')` },
  'no origin': { filter: { origins: [] }, condition: 'false' },
  'origins and statuses': {
    filter: { origins: ['catch_up', 'manual'], statuses: ['failed', 'skipped', 'queued'] },
    condition: `origin in ('catch_up', 'manual') and status in ('failed', 'skipped', 'queued')`,
  },
  'a reason': { filter: { reason: 'timeout' }, condition: `reason = 'timeout'` },
  'a reason of successes': { filter: { reason: 'partial' }, condition: `reason = 'partial'` },
  'a reason that nobody gave': { filter: { reason: 'toString' }, condition: 'false' },
  'a reason, and states of which one can have it': {
    filter: { reason: 'overlap', statuses: ['succeeded', 'skipped', 'failed'] },
    condition: `reason = 'overlap' and status = 'skipped'`,
  },
  'a reason, and a state that can not have it': {
    filter: { reason: 'overlap', statuses: ['succeeded'] },
    condition: 'false',
  },
  'a backfill': { filter: { backfillId: '2' }, condition: 'backfill_id = 2' },
  'from an instant on': {
    filter: { from: Date.UTC(2030, 5, 7) },
    condition: `scheduled_for >= '2030-06-07'`,
  },
  'before an instant': { filter: { until: Date.UTC(2030, 2, 7) }, condition: `scheduled_for < '2030-03-07'` },
  'a month': {
    filter: { from: Date.UTC(2030, 3, 1), until: Date.UTC(2030, 4, 1), taskName: 'task-1' },
    condition: `scheduled_for >= '2030-04-01' and scheduled_for < '2030-05-01' and task_name = 'task-1'`,
  },
  'an empty range': { filter: { from: now, until: now }, condition: 'false' },
}

/** The stretches in which `newest` looks, seen from the 15th of June. */
const stretch = `case when scheduled_for >= '2030-06-08' then 0 when scheduled_for >= '2030-05-07' then 1
  when scheduled_for >= '2029-12-30' then 2 else 3 end`

const orders: Record<RunSort, string> = {
  newest: `order by ${stretch}, id desc`,
  '-id': 'order by id desc',
  id: 'order by id',
  '-scheduled_for': 'order by scheduled_for desc, id desc',
  scheduled_for: 'order by scheduled_for, id',
  '-finished_at': 'order by finished_at desc, id desc',
  finished_at: 'order by finished_at, id',
}

async function expected(pool: pg.Pool, sort: RunSort, condition: string): Promise<string[]> {
  const isListed = sort.endsWith('finished_at') ? 'finished_at is not null' : 'true'
  const { rows } = await pool.query<{ id: string }>(
    `select id from pgbeat.runs where task_name <> 'other' and ${isListed} and (${condition}) ${orders[sort]}`,
  )
  return rows.map(({ id }) => id)
}

async function walk(db: Db, filter: RunFilter, sort: RunSort, limit: number, between: () => Promise<unknown>) {
  const found: string[] = []
  let after: RunKey | undefined
  for (;;) {
    const { rows, next } = await listRuns(db, filter, { sort, limit, after })
    if (rows.length > limit || (next !== null && rows.length < limit)) throw new Error('a page of another length')
    found.push(...rows.filter(({ task_name }) => task_name !== 'other').map(({ id }) => id))
    if (next === null) return found
    after = next
    await between()
  }
}

/** `newest` of a filter with a bound begins its stretches there. */
const isBounded = ({ from, until }: RunFilter) => from !== undefined || until !== undefined

t.test('each sort, with and without a filter, has every run once and in order while others come and go', async (t) => {
  const { pool, db } = await fill(t)
  const others = () =>
    pool.query(
      `with gone as (delete from pgbeat.runs where task_name = 'other' and random() < 0.5)
       insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status,
         max_attempts, finished_at)
       select '${one}', 's', 'other', '{}', $1::timestamptz - random() * interval '200 days', 'manual', 'failed', 1, $1
       from generate_series(1, 3)`,
      [new Date(now)],
    )
  for (const sort of runSorts) {
    for (const [title, { filter, condition }] of Object.entries(filters)) {
      const found = await walk(db, filter, sort, 23, others)
      const all = await expected(pool, sort, condition)
      if (sort === 'newest' && isBounded(filter)) t.same(found.toSorted(), all.toSorted(), `${title}, by ${sort}`)
      else t.same(found, all, `${title}, by ${sort}`)
    }
  }
})

t.test('without a sort: the newest first, and those of one schedule by their instants', async (t) => {
  const { pool, db } = await fill(t)
  const { rows } = await listRuns(db, {}, { limit: 9 })
  t.same(
    rows.map(({ id }) => id),
    (await expected(pool, 'newest', 'true')).slice(0, 9),
  )
  const ofOne = await listRuns(db, { scheduleId: two }, { limit: 9 })
  t.same(
    ofOne.rows.map(({ id }) => id),
    (await expected(pool, '-scheduled_for', `schedule_id = '${two}'`)).slice(0, 9),
  )
  t.match(rows[0], { retry_delay: 60, timeout: 90, payload: {}, max_attempts: 3 })
  t.notOk(rows.some((row) => 'at' in row))
})

t.test('the newest of a schedule include what was written long after its instant, on whatever page', async (t) => {
  const { pool, db } = await fill(t)
  const write = (count: number, at: string) =>
    pool.query(
      `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts)
       select '${one}', 's', 'echo', '{}', ${at}, 'backfill', 'queued', 1 from generate_series(1, $1::int) i`,
      [count],
    )
  await write(60, `'2030-06-14 00:00Z'::timestamptz + i * interval '1 minute'`)
  await write(20, `'2030-06-09 00:00Z'::timestamptz - i % 2 * interval '3 days' + i * interval '1 minute'`)
  const all = await expected(pool, 'newest', `schedule_id = '${one}'`)
  t.same(await walk(db, { scheduleId: one }, 'newest', 7, async () => {}), all)
  for (const offset of [0, 5, 15, 75]) {
    const { rows } = await listRuns(db, { scheduleId: one }, { sort: 'newest', limit: 10, offset })
    t.same(
      rows.map(({ id }) => id),
      all.slice(offset, offset + 10),
      `from ${offset} on`,
    )
  }
})

t.test('pages by number, and counts that end at a bound', async (t) => {
  const { pool, db } = await fill(t)
  for (const [title, { filter, condition }] of Object.entries(filters)) {
    for (const sort of ['newest', '-scheduled_for', '-finished_at'] as const) {
      if (sort === 'newest' && isBounded(filter)) continue
      const all = await expected(pool, sort, condition)
      for (const offset of [0, 3, 60, 290, 900]) {
        const { rows } = await listRuns(db, filter, { sort, limit: 20, offset })
        t.same(
          rows.map(({ id }) => id),
          all.slice(offset, offset + 20),
          `${title} from ${offset} on, by ${sort}`,
        )
      }
    }
    for (const sort of ['id', '-finished_at', 'finished_at'] as const) {
      const { length } = await expected(pool, sort, condition)
      t.equal(await countRuns(db, filter, sort, 1_000), length, `${title}, by ${sort}`)
      t.equal(await countRuns(db, filter, sort, 5), Math.min(length, 6), `${title}, no further than 5`)
    }
  }
})

t.test('a run is found by its id, whichever partition has it', async (t) => {
  const { pool, db } = await fill(t)
  const { rows } = await pool.query<{ id: string; partition: string }>(
    `insert into pgbeat.attempts (run_id, scheduled_for, attempt, node_id)
     select id, scheduled_for, number, gen_random_uuid() from pgbeat.runs, generate_series(1, 2) number
     returning run_id as id, tableoid::regclass::text as partition`,
  )
  t.ok(new Set(rows.map(({ partition }) => partition)).size > 10)
  for (const { id } of rows) {
    const found = await findRun(db, id)
    t.match(found, {
      run: { id, retry_delay: 60, timeout: 90 },
      attempts: [{ run_id: id, attempt: 1 }, { attempt: 2 }],
    })
  }
  t.equal(await findRun(db, '999999999999'), null)
})
