import { readFile } from 'node:fs/promises'
import t from 'tap'
import { testDatabase } from '../support/database.ts'
import { dumpSchema } from '../support/dump-schema.ts'

const schemaFile = await readFile(new URL('../../db/schema.sql', import.meta.url), 'utf8')

t.test('db/schema.sql is what the migrations make', async (t) => {
  const { pool } = await testDatabase(t)
  const client = await pool.connect()
  const dump = await dumpSchema(client, 'pgbeat')
  client.release()
  t.equal(schemaFile.replace(/^--.*\n\n/, ''), dump, 'run `npm run schema` after adding a migration')
})

t.test('db/schema.sql makes the same schema by itself', async (t) => {
  const { pool } = await testDatabase(t, { empty: true })
  const client = await pool.connect()
  await client.query(schemaFile)
  const dump = await dumpSchema(client, 'pgbeat')
  client.release()
  t.equal(dump, schemaFile.replace(/^--.*\n\n/, ''))
})

t.test('every table, view, column, function and policy has a comment', async (t) => {
  const { pool } = await testDatabase(t)
  const { rows } = await pool.query<{ name: string }>(`
    select c.oid::regclass || coalesce('.' || a.attname, '') as name
    from pg_class c
    join lateral (
      select 0 as attnum, null::name as attname
      union all
      select attnum, attname from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
    ) a on true
    where c.relnamespace = 'pgbeat'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
      and coalesce(col_description(c.oid, a.attnum), case a.attnum when 0 then obj_description(c.oid, 'pg_class') end) is null
    union all
    select p.oid::regprocedure::text from pg_proc p
    where p.pronamespace = 'pgbeat'::regnamespace and obj_description(p.oid, 'pg_proc') is null
    union all
    select polname || ' on ' || polrelid::regclass from pg_policy where obj_description(oid, 'pg_policy') is null`)
  t.same(
    rows.map(({ name }) => name),
    [],
  )
})
