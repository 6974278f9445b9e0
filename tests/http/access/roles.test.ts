import t from 'tap'
import { mayAct, roles } from '../../../src/http/access/roles.ts'
import { testDatabase } from '../../support/database.ts'

t.test('each role may do what those before it may', async (t) => {
  const table = roles.map((role) => roles.map((required) => mayAct(role, required)))
  t.same(roles, ['viewer', 'operator', 'admin'])
  t.same(table, [
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ])
})

t.test('the database has the same roles', async (t) => {
  const { pool } = await testDatabase(t)
  const { rows } = await pool.query(
    `select pg_get_constraintdef(oid) as text from pg_constraint where conname = 'api_keys_role_check'`,
  )
  const known = [...rows[0].text.matchAll(/'(\w+)'/g)].map(([, role]) => role)
  t.same(known, roles)
})
