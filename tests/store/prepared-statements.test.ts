import { sql } from 'kysely'
import t from 'tap'
import { isUnavailable } from '../../src/store/postgres-errors.ts'
import { overPreparing } from '../../src/store/prepared-statements.ts'
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
