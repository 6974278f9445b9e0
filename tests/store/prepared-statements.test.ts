import { sql } from 'kysely'
import t from 'tap'
import { openPool } from '../../src/store/database.ts'
import { isUnavailable } from '../../src/store/postgres-errors.ts'
import { overPreparing, plannedAnew } from '../../src/store/prepared-statements.ts'
import { testDatabase } from '../support/database.ts'

t.test('a column more is no reason to fail: statements are prepared anew', async (t) => {
  const { pool } = await testDatabase(t)
  const db = overPreparing(pool)
  const read = async () => (await sql`select * from growing`.execute(db)).rows
  await pool.query('create table growing as select 1 as one')
  t.same(await read(), [{ one: 1 }])
  await pool.query('alter table growing add column two integer default 2')
  t.same(await read(), [{ one: 1, two: 2 }])
  t.same(await read(), [{ one: 1, two: 2 }])
  await pool.query('alter table growing add column three integer default 3')
  const inTransaction = db.transaction().execute(async (trx) => (await sql`select * from growing`.execute(trx)).rows)
  t.ok(await inTransaction.then(() => false, isUnavailable), 'a transaction is to be tried again')
  t.same(await read(), [{ one: 1, two: 2, three: 3 }])
})

t.test(
  'statements that depend on their values are not kept; those of a day make room for those of the next',
  async (t) => {
    const { connectionString } = await testDatabase(t)
    const pool = openPool({ connectionString, applicationName: 'test', maxConnections: 1 })
    t.teardown(() => pool.end())
    let now = 0
    const db = overPreparing(pool, () => now)
    const isKept = async (text: string) => {
      await sql.raw(text).execute(db)
      const { rows } = await pool.query('select from pg_prepared_statements where statement = $1', [text])
      return rows.length === 1
    }
    t.notOk(await isKept(sql`${plannedAnew} select 0`.compile(db).sql))
    t.ok(await isKept('select 1'))
    for (let number = 2; number <= 100; number += 1) await sql.raw(`select ${number}`).execute(db)
    t.notOk(await isKept('select 101'), 'no more than so many')
    now = 86_400_000
    t.ok(await isKept('select 102'))
  },
)
