import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import type pg from 'pg'
import t from 'tap'
import { overPool } from '../../src/store/database.ts'
import { listSchedules } from '../../src/store/schedule-listing.ts'
import { testDatabase } from '../support/database.ts'
import { testSystem, tickUntilIdle } from '../support/system.ts'

const wanted = `
  select id, name, description, left(category, 200), task_name,
    array(select left(tag, 200) from unnest(tags) with ordinality as t(tag, place) order by place), enabled, created_at,
    updated_at
  from pgbeat.schedules`
const differences = `
  (${wanted} except table pgbeat.schedule_search) union all (table pgbeat.schedule_search except ${wanted})`

async function rowsThatDiffer(pool: pg.Pool): Promise<unknown[]> {
  return (await pool.query(differences)).rows
}

const insert = (name: string) => `
  insert into pgbeat.schedules (name, task_name, cron_expression, description, category, tags)
  values ('${name}', 'echo', '0 0 1 1 *', 'does ${name}', 'x', '{a,b}')`

t.test('whatever is done to schedules, the search has them as they are', async (t) => {
  const { pool } = await testDatabase(t)
  const which = fc.integer({ min: 0, max: 9 })
  const names = (n: number) => `name ~ '^s[0-9]*${n}'`
  const statement = fc.oneof(
    which.map((n) => `${insert(`s${n}`)} on conflict (name) do update set category = 'again'`),
    which.map((n) => `${insert(`s${n}`)}, ('s1${n}', 'echo', '0 0 1 1 *', null, null, '{}') on conflict do nothing`),
    which.map(
      (n) => `update pgbeat.schedules set name = name || '${n}' where ${names(n)} and length(name) < 4
      and not exists (select from pgbeat.schedules o where o.name = schedules.name || '${n}')`,
    ),
    which.map((n) => `update pgbeat.schedules set description = nullif('d${n}', 'd3') where ${names(n)}`),
    which.map((n) => `update pgbeat.schedules set tags = tags || array['t${n}'], category = null where ${names(n)}`),
    which.map((n) => `update pgbeat.schedules set enabled = not enabled, priority = ${n} where ${names(n)}`),
    which.map((n) => `update pgbeat.schedules set timeout = '${n + 1} s' where ${names(n)}`),
    which.map((n) => `update pgbeat.schedules set next_run_at = now(), run_count = ${n} where ${names(n)}`),
    which.map((n) => `delete from pgbeat.schedules where ${names(n)}`),
    fc.constant('truncate pgbeat.schedules'),
  )
  const statements = fc.array(fc.tuple(statement, fc.boolean()), { minLength: 5, maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(statements, async (all) => {
      for (const [text, isUndone] of all) {
        await pool.query(isUndone ? `begin; ${text}; rollback` : text)
      }
      t.same(await rowsThatDiffer(pool), [])
    }),
    { numRuns: 20 },
  )
})

t.test('two edits of one schedule at the same time', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(insert('s'))
  await meanwhile(pool, `update pgbeat.schedules set name = 'first'`, `update pgbeat.schedules set category = 'second'`)
  t.same(await rowsThatDiffer(pool), [])
  t.match((await pool.query('table pgbeat.schedule_search')).rows, [{ name: 'first', category: 'second' }])
})

t.test('a deletion next to an edit', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(insert('s'))
  await meanwhile(pool, `update pgbeat.schedules set name = 'first'`, 'delete from pgbeat.schedules')
  t.same(await rowsThatDiffer(pool), [])
  await pool.query(insert('s'))
  await meanwhile(pool, 'delete from pgbeat.schedules', `update pgbeat.schedules set name = 'second'`)
  t.same(await rowsThatDiffer(pool), [])
})

/** Carries out two statements of which the second begins before the first is committed. */
async function meanwhile(pool: pg.Pool, first: string, second: string): Promise<void> {
  const client = await pool.connect()
  await client.query(`begin; ${first}`)
  const done = pool.query(second)
  const blocked = 'select count(*)::int as count from pg_locks where not granted'
  while ((await pool.query<{ count: number }>(blocked)).rows[0]?.count === 0) {}
  await client.query('commit')
  client.release()
  await done
}

t.test('a fire does not touch the search', async (t) => {
  const system = await testSystem(t)
  await system.pool.query(`insert into pgbeat.schedules (name, task_name, run_at) values ('s', 'echo', now())`)
  const before = await system.row('select xmin, ctid from pgbeat.schedule_search')
  await tickUntilIdle(system)
  t.match(await system.row('select run_count from pgbeat.schedules'), { run_count: '1' })
  t.same(await system.row('select xmin, ctid from pgbeat.schedule_search'), before)
})

/** A database as it was before there was a search, with schedules; answers the migration that brings it. */
async function withoutSearch(t: Parameters<typeof testDatabase>[0], schedules: string) {
  const { pool } = await testDatabase(t)
  const asBefore = await readMigration('0008_cancellation.sql')
  await pool.query(`
    drop table pgbeat.schedule_search;
    drop index pgbeat.schedules_invalid;
    drop function pgbeat.letter_pairs, pgbeat.run_instant, pgbeat.searched_tags;
    drop function pgbeat.add_to_schedule_search, pgbeat.change_in_schedule_search, pgbeat.remove_from_schedule_search
      cascade;
    ${/^create or replace function pgbeat\.schedule_problem.*?^end \$\$;/ms.exec(asBefore)?.[0]}
    ${schedules}`)
  return { pool, migration: await readMigration('0012_schedule_search.sql') }
}

function readMigration(file: string): Promise<string> {
  return readFile(new URL(`../../db/migrations/${file}`, import.meta.url), 'utf8')
}

t.test('a database that has schedules when it is migrated', async (t) => {
  const { pool, migration } = await withoutSearch(t, `${insert('a')}; ${insert('b')}`)
  // What others do until the migration locks the schedules.
  const meanwhile = `
    delete from pgbeat.schedules where name = 'a';
    update pgbeat.schedules set name = 'c';
    ${insert('d')};`
  await pool.query(migration.replace(/(?=lock table)/, meanwhile))
  t.same(await rowsThatDiffer(pool), [])
  const { rows } = await pool.query('select name from pgbeat.schedule_search order by name')
  t.same(rows, [{ name: 'c' }, { name: 'd' }])
})

t.test('schedules from before there were limits: found by how they begin, and what is too long may stay', async (t) => {
  const long = (length: number) =>
    Array.from({ length }, (_, i) => String.fromCodePoint(0x4e00 + ((i * i) % 20_000))).join('')
  const [category, tag] = [long(12_000), long(9_000)]
  const { pool, migration } = await withoutSearch(t, insert('s'))
  const tags = [tag, '', 'x', ...Array(200).fill('y')]
  const everything = [category, tags, 'all work and no play '.repeat(40_000), long(20_000)]
  await pool.query(
    'update pgbeat.schedules set enabled = false, category = $1, tags = $2, description = $3, pause_note = $4',
    everything,
  )
  await pool.query(migration)
  t.same(await rowsThatDiffer(pool), [])
  const db = overPool(pool)
  for (const filter of [{ category }, { category: category.slice(0, 200) }, { tags: [tag, 'x'] }, { tags: [''] }]) {
    t.match((await listSchedules(db, filter, { limit: 2 })).rows, [{ name: 's', category }])
  }
  for (const filter of [{ category: category.slice(0, 199) }, { tags: [tag.slice(0, 199)] }]) {
    t.same((await listSchedules(db, filter, { limit: 2 })).rows, [])
  }
  await pool.query(`update pgbeat.schedules set enabled = true; update pgbeat.schedules set name = 'renamed'`)
  t.same(await rowsThatDiffer(pool), [])
  await t.rejects(pool.query(`update pgbeat.schedules set category = category || 'x'`), {
    message: /^category must have/,
  })
  await pool.query('update pgbeat.schedules set category = left(category, 200)')
})

t.test('a long description, and letters of all kinds', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression, description)
    values ('long', 'echo', '0 0 1 1 *', repeat('all work and no play ', 400))`)
  t.same(await rowsThatDiffer(pool), [])
  const { rows } = await pool.query(
    `select pgbeat.letter_pairs(text) as pairs from unnest('{aBc,請求書,x,""}'::text[]) as text`,
  )
  t.same(
    rows.map(({ pairs }) => pairs),
    [['ab', 'bc'], ['請求', '求書'], [], []],
  )
})
