import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { MigrationError, migrate } from '../../src/store/migrate.ts'
import { testDatabase } from '../support/database.ts'

t.test('brings an empty database up to date, once, however many ask at the same time', async (t) => {
  const { connectionString, pool } = await testDatabase(t, { empty: true })
  const applied = await Promise.all([1, 2, 3].map(() => migrate(connectionString)))
  t.equal(applied.filter((files) => files.length > 0).length, 1)
  t.match(applied.flat()[0], 'pgbeat/0001_')
  t.same(await migrate(connectionString), [])
  const { rows } = await pool.query('select name from pgbeat.migrations order by name')
  t.same(
    rows.map(({ name }) => `pgbeat/${name}`),
    applied.flat(),
  )
})

t.test('a directory of files for another schema', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  const path = await mkdtemp(join(tmpdir(), 'pgbeat-migrations-'))
  t.teardown(() => rm(path, { recursive: true }))
  const migrations = [{ schema: 'other', directory: pathToFileURL(`${path}/`) }]
  const first = join(path, '0001_things.sql')
  const second = join(path, '0002_more.sql')

  await writeFile(first, 'create table other.things (id integer)')
  t.same(await migrate(connectionString, migrations), ['other/0001_things.sql'])

  await writeFile(second, 'create table other.more (id integer); select nonsense')
  await t.rejects(migrate(connectionString, migrations))
  t.same(
    (await pool.query(`select to_regclass('other.more') as made`)).rows,
    [{ made: null }],
    'a file that fails leaves nothing',
  )

  await rm(second)
  await writeFile(first, 'create table other.things (id bigint)')
  await t.rejects(migrate(connectionString, migrations), MigrationError, 'a file that was changed after it was applied')

  await rm(first)
  await t.rejects(migrate(connectionString, migrations), { message: /newer pgbeat/ }, 'a database from a newer version')
})

t.test('while somebody reads a table for long, a migration of it makes nobody else wait', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  const path = await mkdtemp(join(tmpdir(), 'pgbeat-migrations-'))
  t.teardown(() => rm(path, { recursive: true }))
  await pool.query('create table busy (id integer)')
  await writeFile(join(path, '0001_change.sql'), 'alter table busy add column more text')
  const reader = await pool.connect()
  await reader.query('begin')
  await reader.query('select from busy')
  const migrated = migrate(connectionString, [{ schema: 'other', directory: pathToFileURL(`${path}/`) }])
  const waits = `select count(*)::int as waiting from pg_locks where not granted and relation = 'busy'::regclass`
  const waiting = async () => (await pool.query<{ waiting: number }>(waits)).rows[0]?.waiting
  while ((await waiting()) === 0) {}
  await pool.query(`select from busy`)
  t.equal(await waiting(), 0, 'it has let go')
  await reader.query('commit')
  reader.release()
  t.same(await migrated, ['other/0001_change.sql'])
})
