import { sql } from 'kysely'
import type pg from 'pg'
import t from 'tap'
import { overPool } from '../../src/store/database.ts'
import { type ScheduleFilter, schedulesMatching } from '../../src/store/schedule-filter.ts'
import {
  countSchedules,
  listSchedules,
  type ScheduleKey,
  type ScheduleSort,
  scheduleSorts,
} from '../../src/store/schedule-listing.ts'
import type { Db } from '../../src/store/tables.ts'
import { testDatabase } from '../support/database.ts'

/** Schedules of which many have the same instants; the names that begin with `other` come and go. */
async function fill(pool: pg.Pool): Promise<void> {
  for (const third of [0, 1, 2]) {
    await pool.query(`
      insert into pgbeat.schedules (name, task_name, cron_expression, enabled, description, category, tags)
      select format('%s-%s-%s', (array['Import', 'export', '日次'])[1 + i % 3], i, ${third}),
        case when i % 5 = 0 then 'fetch_listed_info_task' else 'echo' end, '0 0 1 1 *', i % 4 > 0,
        case when i % 2 = 0 then format('sends 100%% of batch_%s\\to Ελλάδα', i) end,
        (array['a', 'b'])[i % 3], array['t' || i % 3, 'all']
      from generate_series(1, 40) i`)
  }
  await pool.query(`
    update pgbeat.schedules set next_run_at = case length(name) % 3
      when 0 then '2030-01-01' when 1 then timestamptz '2030-01-01' + length(description) * interval '1 day'
      else 'infinity' end;
    update pgbeat.schedules set error = 'it is wrong' where name like '%7-%';
    update pgbeat.schedules set priority = 1 where name like '%1-1';`)
}

const filters: Record<string, { filter: ScheduleFilter; sql: string }> = {
  everything: { filter: {}, sql: 'true' },
  enabled: { filter: { enabled: true }, sql: 'enabled' },
  paused: { filter: { enabled: false }, sql: 'not enabled' },
  'a category': { filter: { category: 'a' }, sql: `category = 'a'` },
  'a task': { filter: { taskName: 'echo' }, sql: `task_name = 'echo'` },
  'a tag': { filter: { tags: ['t1'] }, sql: `'t1' = any(tags)` },
  'two tags': { filter: { tags: ['t1', 'all'] }, sql: `'t1' = any(tags) and 'all' = any(tags)` },
  'no tag': { filter: { tags: [] }, sql: 'true' },
  'a part of the name in another case': { filter: { search: 'iMPort-1' }, sql: `strpos(lower(name), 'import-1') > 0` },
  'a part of the description': { filter: { search: 'BATCH' }, sql: `strpos(description, 'batch') > 0` },
  'two letters': { filter: { search: '日次' }, sql: `name like '日次%'` },
  'one letter': { filter: { search: '2' }, sql: `concat(name, description) ~ '2'` },
  'no text': { filter: { search: '' }, sql: 'true' },
  'a wildcard': { filter: { search: '0% of' }, sql: 'description is not null' },
  'another wildcard': { filter: { search: 'h_1' }, sql: `strpos(description, 'h_1') > 0` },
  'a backslash': { filter: { search: '\\TO' }, sql: 'description is not null' },
  'Greek letters': { filter: { search: 'ΕΛΛΆΔ' }, sql: 'description is not null' },
  errors: { filter: { hasError: true }, sql: 'error is not null' },
  'no errors': { filter: { hasError: false }, sql: 'error is null' },
  names: { filter: { refs: ['Import-3-0', 'export-1-2', 'nobody'] }, sql: `name in ('Import-3-0', 'export-1-2')` },
  'all at once': {
    filter: { enabled: true, category: 'b', taskName: 'echo', tags: ['t2'], search: 'export', hasError: false },
    sql: `enabled and category = 'b' and task_name = 'echo' and 't2' = any(tags) and name like 'export%' and error is null`,
  },
  nothing: { filter: { category: 'nobody has it' }, sql: 'false' },
  'a text that nobody has': { filter: { search: 'nobody has it' }, sql: 'false' },
  'no names': { filter: { refs: [] }, sql: 'false' },
}

function expected(sort: ScheduleSort, condition: string): string {
  const column = sort.replace('-', '')
  const direction = sort.startsWith('-') ? 'desc' : 'asc'
  const isListed = column === 'next_run_at' ? `enabled and next_run_at < 'infinity'` : 'true'
  return `select name from pgbeat.schedules where ${isListed} and (${condition}) and name not like 'other%'
    order by ${column} ${direction}, id ${direction}`
}

async function names(pool: pg.Pool, text: string): Promise<string[]> {
  return (await pool.query<{ name: string }>(text)).rows.map(({ name }) => name)
}

/** All pages of a list, with something done between them. */
async function walk(
  db: Db,
  filter: ScheduleFilter,
  sort: ScheduleSort,
  limit: number,
  between: () => Promise<unknown>,
) {
  const found: string[] = []
  let after: ScheduleKey | undefined
  for (;;) {
    const { rows, next } = await listSchedules(db, filter, { sort, limit, after })
    if (rows.length > limit || (next !== null && rows.length < limit)) throw new Error('a page of another length')
    found.push(...rows.map(({ name }) => name))
    if (next === null) return found
    after = next
    await between()
  }
}

t.test(
  'each sort, with and without a filter, has every schedule once and in order while others come and go',
  async (t) => {
    const { pool } = await testDatabase(t)
    await fill(pool)
    const db = overPool(pool)
    let turn = 0
    const others = async () => {
      turn += 1
      await pool.query(`delete from pgbeat.schedules where name like 'other%' and random() < 0.5`)
      await pool.query(
        `insert into pgbeat.schedules (name, task_name, cron_expression, category, tags, description)
       values ($1, 'echo', '0 0 1 1 *', 'a', '{t1,all}', 'batch_1 100% of \\to import-1 Ελλάδα')`,
        [`other${turn % 2 ? 'Import' : '日次'}-${turn}`],
      )
      await pool.query(`
      update pgbeat.schedules set next_run_at = '2030-01-02' where name like 'other%' and random() < 0.5;
      update pgbeat.schedules set priority = ${turn} where name like 'other%' and random() < 0.5`)
    }
    for (const sort of scheduleSorts) {
      for (const [title, { filter, sql: condition }] of Object.entries(filters)) {
        const found = await walk(db, filter, sort, 17, others)
        t.same(
          found.filter((name) => !name.startsWith('other')),
          await names(pool, expected(sort, condition)),
          `${title}, by ${sort}`,
        )
      }
    }
  },
)

t.test('pages by number', async (t) => {
  const { pool } = await testDatabase(t)
  await fill(pool)
  const db = overPool(pool)
  for (const [title, { filter, sql: condition }] of Object.entries(filters)) {
    const all = await names(pool, expected('-created_at', condition))
    for (const offset of [0, 5, 500]) {
      const { rows } = await listSchedules(db, filter, { sort: '-created_at', limit: 7, offset })
      t.same(
        rows.map(({ name }) => name),
        all.slice(offset, offset + 7),
        `${title} from ${offset} on`,
      )
    }
  }
})

t.test('counts end at a bound, and statements can take what a filter finds', async (t) => {
  const { pool } = await testDatabase(t)
  await fill(pool)
  const db = overPool(pool)
  for (const [title, { filter, sql: condition }] of Object.entries(filters)) {
    const all = await names(pool, expected('name', condition))
    for (const sort of ['name', '-created_at', 'next_run_at'] as const) {
      const { length } = await names(pool, expected(sort, condition))
      t.equal(await countSchedules(db, filter, sort, 1_000), length, `${title}, by ${sort}`)
      t.equal(await countSchedules(db, filter, sort, 3), Math.min(length, 4), `${title}, no further than 3`)
    }
    t.same(await matching(db, filter), all, `${title}, for a statement`)
    t.same(await matching(db, filter, 2), all.slice(0, 2), `${title}, for a statement about two`)
  }
})

async function matching(db: Db, filter: ScheduleFilter, limit?: number): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from pgbeat.schedules where id in (${schedulesMatching(filter, limit)}) order by name`.execute(db)
  return rows.map(({ name }) => name)
}

t.test('a list has whole schedules', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, every, timeout, retry_delay)
    values ('s', 'echo', '90 s', '1 day 00:00:01.5', '1 minute')`)
  const { rows } = await listSchedules(overPool(pool), {}, { limit: 1 })
  t.match(rows, [{ name: 's', every: 90, timeout: 86_401.5, retry_delay: 60, tags: [], revision: '1' }])
  t.notOk(rows.some((row) => 'key' in row))
})

t.test('what is rare is found far behind what a list looks at first', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression, tags)
    select 's' || lpad(i::text, 5, '0') || case when i % 1000 = 399 then '-rare' else '' end, 'echo', '0 0 1 1 *',
      case when i % 1000 = 399 then '{rare}'::text[] else '{}' end
    from generate_series(1, 2500) i`)
  const db = overPool(pool)
  const all = ['s00399-rare', 's01399-rare', 's02399-rare']
  for (const filter of [{ search: 'RARE' }, { tags: ['rare'] }]) {
    for (const limit of [1, 2, 3, 10]) {
      t.same(await walk(db, filter, 'name', limit, async () => {}), all)
      t.same(await walk(db, filter, '-name', limit, async () => {}), all.toReversed())
    }
  }
})
