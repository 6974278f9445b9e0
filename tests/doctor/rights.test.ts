import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { migrations } from '../../src/doctor/checks/migrations.ts'
import { rights } from '../../src/doctor/checks/rights.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { lookAt } from './look-at.ts'

/** A role of the test's own; answers how to connect as it. */
async function newRole(t: Test, { connectionString, pool }: TestDatabase) {
  const role = `test_${randomBytes(8).toString('hex')}`
  await pool.query(`create role ${role} login password 'secret'`)
  t.teardown(() => pool.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`))
  return { role, DATABASE_URL: Object.assign(new URL(connectionString), { username: role, password: 'secret' }).href }
}

const grantAll = (role: string) => `
  grant usage on schema pgbeat, graphile_worker to ${role};
  grant select, insert, update, delete on all tables in schema pgbeat, graphile_worker to ${role};
  grant usage on all sequences in schema pgbeat, graphile_worker to ${role}`

t.test('the role that migrated may do everything', async (t) => {
  const { connectionString } = await testDatabase(t)
  t.match(await lookAt(rights, { DATABASE_URL: connectionString }), { status: 'pass', message: /postgres may do all/ })
})

t.test('before a migration there is nothing to have rights to', async (t) => {
  const { connectionString } = await testDatabase(t, { empty: true })
  t.match(await lookAt(rights, { DATABASE_URL: connectionString }), { status: 'skip', message: /see migrations/ })
})

t.test('a role without rights fails, as what it lacks', async (t) => {
  const database = await testDatabase(t)
  const { role, ...environment } = await newRole(t, database)
  const action = new RegExp(`granted to ${role}`)
  t.match(await lookAt(rights, environment), { status: 'fail', message: /lacks .* and \d+ more$/, action })
  t.match(await lookAt(migrations, environment), { status: 'fail', message: /may not see/, action: 'see rights' })

  await database.pool.query(grantAll(role))
  t.match(await lookAt(rights, environment), { status: 'warn', message: /does not own pgbeat\.runs/ })
  t.match(await lookAt(migrations, environment), { status: 'pass' }, 'those of tasks are none of its business')
  const lacks = async (statement: string, missing: string) => {
    await database.pool.query(statement)
    const message = `the role ${role} lacks ${missing}`
    t.match(await lookAt(rights, environment), { status: 'fail', message }, missing)
    await database.pool.query(grantAll(role))
  }
  await lacks(`revoke usage on schema graphile_worker from ${role}`, 'usage on schema graphile_worker')
  await lacks(`revoke delete on pgbeat.runs from ${role}`, 'delete on pgbeat.runs')
  await lacks(`revoke insert on graphile_worker._private_jobs from ${role}`, 'insert on graphile_worker._private_jobs')
  await lacks(`revoke usage on sequence pgbeat.runs_id_seq from ${role}`, 'usage on sequence pgbeat.runs_id_seq')
  await lacks(`revoke select on pgbeat.backfill_status from ${role}`, 'select on pgbeat.backfill_status')
  await lacks(
    'revoke execute on function pg_notify(text, text) from public',
    'execute on function pg_notify(text,text)',
  )
  await database.pool.query('grant execute on function pg_notify(text, text) to public')
  await lacks('revoke execute on function pgbeat.clock() from public', 'execute on function pgbeat.clock()')
})

t.test('who owns the tables, or is a member of the owner, may do everything', async (t) => {
  const database = await testDatabase(t)
  const owner = await newRole(t, database)
  const member = await newRole(t, database)
  await database.pool.query(
    `grant create on schema pgbeat to ${owner.role}; alter table pgbeat.runs owner to ${owner.role}`,
  )
  await database.pool.query(grantAll(owner.role))
  t.match(await lookAt(rights, owner), { status: 'pass' })
  await database.pool.query(`grant ${owner.role} to ${member.role}`)
  t.match(await lookAt(rights, member), { status: 'pass' })
})
