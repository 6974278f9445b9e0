import type pg from 'pg'
import t from 'tap'
import type { ListedInfo } from '../../../src/tasks/listed-info/api/page.ts'
import { readCheckpoints } from '../../../src/tasks/listed-info/checkpoints.ts'
import { selectRows } from '../../../src/tasks/listed-info/select-rows.ts'
import { saveDay } from '../../../src/tasks/listed-info/store.ts'
import { pluginDatabase } from './support.ts'

const DATE = '2026-11-20'

function row(code: string, more: Partial<ListedInfo> = {}): ListedInfo {
  return {
    date: DATE,
    code,
    company_name: `架空${code}`,
    company_name_english: `Kakuu ${code}`,
    sector_17_code: '9',
    sector_17_code_name: '電機・精密',
    sector_33_code: '3650',
    sector_33_code_name: '電気機器',
    scale_category: 'TOPIX Mid400',
    market_code: '0111',
    market_code_name: 'プライム',
    margin_code: '2',
    margin_code_name: '貸借',
    product_category: '011',
    ...more,
  }
}

function many(count: number): ListedInfo[] {
  return Array.from({ length: count }, (_, index) => row(String(10_000 + index)))
}

function save(db: pg.Pool, rows: readonly ListedInfo[], runId = '1') {
  return saveDay(db, { runId, date: DATE, fetchedCount: rows.length, rows })
}

async function stored(db: pg.Pool, code = '13010') {
  const { rows } = await db.query(
    'select i.*, i.date::text as date, i.xmin::text as version from jquants.listed_info i where code = $1 order by i.date',
    [code],
  )
  return rows
}

async function count(db: pg.Pool): Promise<number> {
  const { rows } = await db.query('select count(*)::int as count from jquants.listed_info')
  return rows[0].count
}

t.test('saves every column', async (t) => {
  const db = await pluginDatabase(t)
  await save(db, [row('13010')])
  const [saved] = await stored(db)
  const { created_at, updated_at, version, ...rest } = saved
  t.strictSame(rest, row('13010'))
  t.ok(created_at instanceof Date && updated_at instanceof Date && version)
})

t.test('saves more rows than a batch has', async (t) => {
  const db = await pluginDatabase(t)
  t.strictSame(await save(db, many(2_500)), {
    date: DATE,
    fetched_count: 2_500,
    saved_count: 2_500,
    skipped_count: 0,
    changed_count: 2_500,
  })
  t.equal(await count(db), 2_500)
})

t.test('a row that is the same already is left untouched', async (t) => {
  const db = await pluginDatabase(t)
  await save(db, [row('13010')])
  const [before] = await stored(db)
  const counts = await save(db, [row('13010')])
  t.match(counts, { saved_count: 1, changed_count: 0 })
  t.strictSame(await stored(db), [before], 'not even rewritten')
})

t.test('a row that differs anywhere is updated', async (t) => {
  const db = await pluginDatabase(t)
  const { date: _date, code: _code, ...changeable } = row('13010')
  for (const column of Object.keys(changeable)) {
    await save(db, [row('13010')])
    const [before] = await stored(db)
    t.match(await save(db, [row('13010', { [column]: 'changed' })]), { changed_count: 1 }, column)
    const [after] = await stored(db)
    t.match(after, { [column]: 'changed', created_at: before.created_at })
    t.ok(after.updated_at > before.updated_at)
  }
})

t.test('margin and product are never overwritten by null; anything else is', async (t) => {
  const db = await pluginDatabase(t)
  await save(db, [row('13010')])
  const [before] = await stored(db)
  const without = { margin_code: null, margin_code_name: null, product_category: null }
  t.match(await save(db, [row('13010', without)]), { changed_count: 0 })
  t.strictSame(await stored(db), [before])
  t.match(await save(db, [row('13010', { ...without, scale_category: null })]), { changed_count: 1 })
  t.match(await stored(db), [
    { margin_code: '2', margin_code_name: '貸借', product_category: '011', scale_category: null },
  ])
})

t.test('margin and product come in where they were missing', async (t) => {
  const db = await pluginDatabase(t)
  await save(db, [row('13010', { margin_code: null, product_category: null })])
  t.match(await save(db, [row('13010')]), { changed_count: 1 })
  t.match(await stored(db), [{ margin_code: '2', product_category: '011' }])
})

t.test('nothing is deleted', async (t) => {
  const db = await pluginDatabase(t)
  await save(db, [row('13010'), row('13020')])
  await save(db, [row('13020')])
  await save(db, [])
  t.equal(await count(db), 2)
})

t.test('days are apart, and a row tells its own', async (t) => {
  const db = await pluginDatabase(t)
  await save(db, [row('13010')])
  await save(db, [row('13010', { date: '2026-11-24', company_name: '架空新社名' })])
  t.match(await stored(db), [{ date: DATE }, { date: '2026-11-24', company_name: '架空新社名' }])
})

t.test('a day is saved whole or not at all, its checkpoint included', async (t) => {
  const db = await pluginDatabase(t)
  const rows = many(1_500)
  rows[1_200] = row('12345', { date: 'no date' })
  await t.rejects(save(db, rows), { code: '22007' })
  t.equal(await count(db), 0)
  t.strictSame(await readCheckpoints(db, '1'), [])
  t.equal(db.idleCount, db.totalCount, 'the connection is back')
})

t.test('runs that save the same day at once do not get in each other’s way', async (t) => {
  const db = await pluginDatabase(t)
  const versions = ['a', 'b', 'c', 'd'].map((name) => many(1_200).map((row) => ({ ...row, company_name: name })))
  await Promise.all(versions.map((rows, index) => save(db, rows, String(index))))
  t.equal(await count(db), 1_200)
})

t.test('each run has checkpoints of its own', async (t) => {
  const db = await pluginDatabase(t)
  const counts = await save(db, [row('13010')], '1')
  t.strictSame(await readCheckpoints(db, '1'), [counts])
  t.strictSame(await readCheckpoints(db, '2'), [])
})

t.test('of repeated rows the last one counts', async (t) => {
  const db = await pluginDatabase(t)
  const fetched = [row('13020'), row('13010'), row('13010', { company_name: '架空再送' })]
  const rows = selectRows(fetched, { codes: null, market: null })
  const counts = await saveDay(db, { runId: '1', date: DATE, fetchedCount: fetched.length, rows })
  t.match(counts, { fetched_count: 3, saved_count: 2, skipped_count: 1 })
  t.match(await stored(db), [{ company_name: '架空再送' }])
})

t.test('codes of 4 characters mean the common stock', async (t) => {
  const rows = [row('13010'), row('13015'), row('130A0'), row('13020')]
  const codes = (wanted: string[] | null) => selectRows(rows, { codes: wanted, market: null }).map(({ code }) => code)
  t.strictSame(codes(['1301']), ['13010'])
  t.strictSame(codes(['13015', '130A']), ['13015', '130A0'])
  t.strictSame(codes(['9999']), [])
  t.strictSame(codes([]), ['13010', '13015', '13020', '130A0'], 'an empty list filters nothing')
})

t.test('every table and column says what it is', async (t) => {
  const db = await pluginDatabase(t)
  const { rows } = await db.query(`
    select c.relname as table, a.attname as column
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
     where c.relnamespace = 'jquants'::regnamespace and c.relkind = 'r'
       and (col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null)`)
  t.strictSame(rows, [])
})

t.test('the newest rows of a company are found by an index', async (t) => {
  const db = await pluginDatabase(t)
  const { rows } = await db.query(`
    select indexdef from pg_indexes where schemaname = 'jquants' and tablename = 'listed_info' order by indexname`)
  t.match(rows, [{ indexdef: /\(code, date DESC\)/ }, { indexdef: /UNIQUE .*\(date, code\)/ }])
})
