import { readFile } from 'node:fs/promises'
import t from 'tap'
import { testDatabase } from '../support/database.ts'
import { sqlReference } from '../support/sql-reference.ts'

t.test('docs/reference/sql.md is what the comments say', async (t) => {
  const { pool } = await testDatabase(t)
  const page = await readFile(new URL('../../docs/reference/sql.md', import.meta.url), 'utf8')
  t.equal(page, await sqlReference(pool), 'run `npm run reference` after adding a migration')
})

t.test('its example works', async (t) => {
  const { pool } = await testDatabase(t)
  const [, example = ''] = /```sql\n([\s\S]*?)```/.exec(await sqlReference(pool)) ?? []
  t.match(example, /pgbeat\.schedule/)
  await t.resolves(pool.query(example))
})
