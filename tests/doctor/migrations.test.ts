import t from 'tap'
import { migrations } from '../../src/doctor/checks/migrations.ts'
import { overPool } from '../../src/store/database.ts'
import { simulateClock } from '../../src/store/simulated-clock.ts'
import { testDatabase } from '../support/database.ts'
import { lookAt } from './look-at.ts'

t.test('a database that is up to date passes', async (t) => {
  const { connectionString } = await testDatabase(t)
  t.match(await lookAt(migrations, { DATABASE_URL: connectionString }), {
    status: 'pass',
    message: /^all \d+ are applied$/,
  })
})

t.test('one that lacks migrations fails', async (t) => {
  const empty = await testDatabase(t, { empty: true })
  const todo = { status: 'fail', action: 'run bin/migrate' }
  const found = await lookAt(migrations, { DATABASE_URL: empty.connectionString })
  t.match(found, { ...todo, message: 'there are no tables of pgbeat here' })
  const { connectionString, pool } = await testDatabase(t)
  await pool.query(`delete from pgbeat.migrations where name like '0023%'`)
  const behind = await lookAt(migrations, { DATABASE_URL: connectionString })
  t.match(behind, { ...todo, message: 'the database lacks 0023_mirror.sql' })
  await pool.query('drop schema jquants cascade')
  const ofTask = await lookAt(migrations, { DATABASE_URL: connectionString })
  t.match(ofTask, { ...todo, message: 'the database lacks 0023_mirror.sql, jquants/0001_listed_info.sql' })
})

t.test('one of a newer version is worth a warning', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  await pool.query(`insert into pgbeat.migrations (name, checksum) values ('9999_future.sql', '')`)
  t.match(await lookAt(migrations, { DATABASE_URL: connectionString }), {
    status: 'warn',
    message: /does not know 9999_future\.sql/,
    action: /^upgrade/,
  })
})

t.test('one whose clock was stopped fails', async (t) => {
  const { connectionString, pool } = await testDatabase(t)
  await simulateClock(overPool(pool), 0)
  t.match(await lookAt(migrations, { DATABASE_URL: connectionString }), {
    status: 'fail',
    message: /stopped the database's clock/,
    action: /bin\/migrate/,
  })
})
