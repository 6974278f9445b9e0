import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import { migrate } from '../../src/store/migrate.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { startTestServer } from '../support/server.ts'

/** A session of a new role. */
async function newRole(t: Test, { connectionString, pool }: TestDatabase, rights: string): Promise<pg.Client> {
  const role = `test_${randomBytes(8).toString('hex')}`
  await pool.query(`create role ${role} login password 'secret' ${rights}`)
  const url = Object.assign(new URL(connectionString), { username: role, password: 'secret' })
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  t.teardown(async () => {
    await client.end()
    await pool.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`)
  })
  return client
}

const newClient = (t: Test, database: TestDatabase) => newRole(t, database, 'in role pgbeat_client')

const denied = { code: '42501' }

t.test('a client schedules, by function and by statement, and what that sets off is done', async (t) => {
  const database = await testDatabase(t)
  const client = await newClient(t, database)
  await client.query(`select pgbeat.schedule('a', 'echo', '0 3 * * *')`)
  await client.query(`select pgbeat.schedule('a', 'echo', '0 4 * * *')`)
  await client.query(`insert into pgbeat.schedules (name, task_name, every) values ('b', 'echo', '1 hour') returning *`)
  await client.query(`select pgbeat.pause('b', 'holiday')`)
  await client.query(`select pgbeat.resume('b')`)
  await client.query(`update pgbeat.schedules set description = 'hourly' where name = 'b'`)
  await client.query(`delete from pgbeat.schedules where name = 'b'`)
  t.match((await client.query(`select pgbeat.unschedule('b') as was_there`)).rows, [{ was_there: false }])
  const { rows } = await database.pool.query(
    `select event_type, changed_by = $1 as by_client from pgbeat.schedule_events order by id`,
    [client.user],
  )
  t.same(
    rows.map(({ event_type, by_client }) => [event_type, by_client]),
    ['created', 'updated', 'created', 'paused', 'resumed', 'updated', 'deleted'].map((type) => [type, true]),
  )
  t.match((await database.pool.query('select name from pgbeat.schedule_search')).rows, [{ name: 'a' }])
  await t.rejects(client.query(`select pgbeat.schedule('c', 'nobody', '0 3 * * *')`), { code: '22023', hint: /echo/ })
  t.match((await client.query('select name from pgbeat.tasks')).rows, [{ name: 'echo' }, {}])
})

t.test('a client may do nothing else', async (t) => {
  const database = await testDatabase(t)
  const { pool } = database
  const client = await newClient(t, database)
  await pool.query(`select pgbeat.schedule('a', 'echo', '0 3 * * *', payload => '{"secret": 1}')`)
  await pool.query(`select pgbeat.trigger('a')`)
  const { rows } = await pool.query<{ relation: string }>(
    `select format('%I.%I', relnamespace::regnamespace, relname) as relation from pg_class
     where relnamespace in ('pgbeat'::regnamespace, 'graphile_worker'::regnamespace) and relkind in ('r', 'p', 'v')`,
  )
  const readable = ['lateness', 'schedule_status', 'schedules', 'tasks', 'upcoming'].map((name) => `pgbeat.${name}`)
  for (const { relation } of rows) {
    const read = client.query(`select * from ${relation} limit 0`)
    if (readable.includes(relation)) await t.resolves(read, relation)
    else await t.rejects(read, denied, relation)
  }
  const statements = [
    'select payload from pgbeat.runs',
    'select result, error from pgbeat.runs',
    'select r from pgbeat.runs r',
    `update pgbeat.runs set status = 'cancelled'`,
    'delete from pgbeat.runs',
    'truncate pgbeat.schedules',
    `update pgbeat.schedules set owner = 'postgres'`,
    `insert into pgbeat.schedules (name, task_name, every, owner) values ('b', 'echo', '1 hour', 'postgres')`,
    'alter table pgbeat.schedules disable trigger all',
    `insert into pgbeat.tasks (name) values ('mine')`,
    `select pgbeat.trigger('a')`,
    `select pgbeat.backfill('a', now() - interval '1 day', now() - interval '1 hour')`,
    'select pgbeat.cancel(1)',
    'select pgbeat.retry(1)',
    `select pgbeat.record_act(gen_random_uuid(), 'a', 'deleted', '{}')`,
    `select pgbeat.drop_run_partitions('2026-01-01', now())`,
    'select pgbeat.enable_owner_security()',
    'select pgbeat.disable_owner_security()',
  ]
  for (const statement of statements) await t.rejects(client.query(statement), denied, statement)
  t.match((await client.query('select schedule_name, status from pgbeat.runs')).rows, [{ status: 'queued' }])
  t.match((await client.query('select last_status from pgbeat.schedule_status')).rows, [{ last_status: 'queued' }])
})

t.test('functions with the rights of the owner do nothing for others', async (t) => {
  const database = await testDatabase(t)
  const client = await newClient(t, database)
  const { rows } = await database.pool.query<{ function: string; is_trigger: boolean; pinned: string[] }>(
    `select oid::regprocedure::text as function, prorettype = 'trigger'::regtype as is_trigger, proconfig as pinned from pg_proc
     where pronamespace = 'pgbeat'::regnamespace and prosecdef`,
  )
  t.equal(rows.length, 7)
  await client.query('create temp table mine (like pgbeat.schedules)')
  for (const { function: name, is_trigger, pinned } of rows) {
    t.ok(is_trigger, name)
    t.same(pinned, ['search_path=pg_catalog, pg_temp'], name)
    const abuse = `create trigger abuse after update on mine for each row execute function ${name}`
    await t.rejects(client.query(abuse), denied, name)
  }
})

t.test("a client's own functions don't take the place of those that check and record", async (t) => {
  const database = await testDatabase(t)
  const client = await newClient(t, database)
  await database.pool.query(`create schema evil authorization ${client.user}`)
  await client.query(`
    create function evil.length(text) returns integer language sql as 'select 1';
    create function evil.lower(text) returns text language plpgsql as $$ begin raise 'called as %', current_user; end $$;
    create function evil.jsonb_each(jsonb) returns table (key text, value jsonb) language plpgsql
      as $$ begin raise 'called as %', current_user; end $$;
    set search_path to evil, pg_catalog`)
  await client.query(`insert into pgbeat.schedules (name, task_name, every) values ('a', 'echo', '1 hour')`)
  await client.query(`update pgbeat.schedules set description = 'b'`)
  await t.rejects(client.query(`update pgbeat.schedules set category = repeat('x', 300)`), { code: '22023' })
  await client.query('delete from pgbeat.schedules')
})

t.test('a client is not believed to be somebody else', async (t) => {
  const database = await testDatabase(t)
  const client = await newClient(t, database)
  await client.query(`set pgbeat.actor = 'api:ann'`)
  await client.query(`select pgbeat.schedule('a', 'echo', '0 3 * * *')`)
  const read = async () =>
    (await database.pool.query(`select changed_by from pgbeat.schedule_events order by id desc limit 1`)).rows[0]
      .changed_by
  t.equal(await read(), `${client.user}:api:ann`)
  await database.pool.query(`begin; set local pgbeat.actor = 'api:ann'; select pgbeat.unschedule('a'); commit`)
  t.equal(await read(), 'api:ann')
})

t.test('with owner security a client has its own schedules and runs, and nobody else loses any', async (t) => {
  const database = await testDatabase(t)
  const { pool } = database
  const [ann, bob] = [await newClient(t, database), await newClient(t, database)]
  const service = await newRole(t, database, '')
  await pool.query(`grant usage on schema pgbeat to ${service.user};
    grant select, insert, update, delete on all tables in schema pgbeat to ${service.user}`)
  await ann.query(`select pgbeat.schedule('of ann', 'echo', '0 3 * * *', payload => '{"secret": "of ann"}')`)
  await pool.query('select pgbeat.enable_owner_security()')
  await bob.query(`select pgbeat.schedule('of bob', 'echo', every => '1 hour', payload => '{"secret": "of bob"}')`)
  await pool.query(`select pgbeat.schedule('of nobody', 'echo', '0 3 * * *')`)
  for (const name of ['of ann', 'of bob', 'of nobody']) await pool.query('select pgbeat.trigger($1)', [name])

  const names = async (client: pg.ClientBase | pg.Pool, from: string, column = 'schedule_name') => {
    const { rows } = await client.query<{ name: string }>(`select ${column} as name from ${from} order by 1`)
    return rows.map(({ name }) => name)
  }
  t.same(await names(bob, 'pgbeat.schedules', 'name'), ['of bob'])
  t.same(await names(bob, 'pgbeat.schedules', `payload ->> 'secret'`), ['of bob'])
  t.same(await names(bob, 'pgbeat.runs', `payload ->> 'secret'`), ['of bob'])
  t.same(await names(bob, 'pgbeat.schedule_status'), ['of bob'])
  t.same(await names(ann, 'pgbeat.schedule_status'), ['of ann'])
  await pool.query(`begin; set local session_replication_role = replica;
    update pgbeat.schedules set next_run_at = now() + interval '1 hour';
    update pgbeat.runs set origin = 'schedule', started_at = now(); commit`)
  t.same(await names(bob, 'pgbeat.upcoming'), ['of bob'])
  t.same(await names(bob, 'pgbeat.lateness'), ['of bob'])
  for (const from of ['pgbeat.runs', 'pgbeat.schedule_status', 'pgbeat.upcoming', 'pgbeat.lateness']) {
    t.equal((await names(pool, from)).length, 3, `${from} for the owner of the tables`)
  }
  t.equal((await names(service, 'pgbeat.runs')).length, 3, 'for a role with rights of its own')
  await service.query(`insert into pgbeat.schedules (name, task_name, every) values ('of service', 'echo', '1 hour')`)

  t.equal((await bob.query(`update pgbeat.schedules set priority = 7`)).rowCount, 1)
  t.equal((await bob.query(`delete from pgbeat.schedules where name = 'of ann'`)).rowCount, 0)
  t.same((await bob.query(`select pgbeat.unschedule('of ann') as was_there`)).rows, [{ was_there: false }])
  await t.rejects(bob.query(`select pgbeat.pause('of ann')`), { code: 'P0002' })
  await t.rejects(bob.query(`select pgbeat.schedule('of ann', 'echo', '0 3 * * *')`), {
    code: '23505',
    message: `the name 'of ann' is taken`,
  })
  await t.rejects(
    bob.query(`insert into pgbeat.schedules (name, task_name, every) values ('of ann', 'echo', '1 hour')`),
    {
      code: '23505',
    },
  )
  await t.rejects(bob.query(`update pgbeat.schedules set owner = '${ann.user}'`), denied)
  await bob.query(`create function pg_temp.tell(jsonb) returns boolean language plpgsql cost 0.0001
    as $$ begin raise notice '%', $1; return true; end $$`)
  const told: string[] = []
  bob.on('notice', ({ message }) => told.push(message ?? ''))
  await bob.query('select from pgbeat.schedules where pg_temp.tell(payload)')
  await bob.query('select from pgbeat.runs where pg_temp.tell(payload)')
  const { rows: plan } = await bob.query('explain (analyze, verbose) select * from pgbeat.schedules')
  t.same(told, ['{"secret": "of bob"}', '{"secret": "of bob"}'], 'a function in a condition sees no other row')
  t.notMatch(JSON.stringify(plan), /of ann/)

  await pool.query('select pgbeat.disable_owner_security()')
  t.equal((await names(bob, 'pgbeat.schedules', 'name')).length, 4)
  await t.rejects(bob.query('select payload from pgbeat.runs'), denied)
})

t.test('a role that may not create roles migrates, and is told who has to', async (t) => {
  // Roles are the cluster's, and in that of the other tests there is this one already.
  const server = await startTestServer()
  t.teardown(server.stop)
  const admin = await connected(t, server.connectionString)
  await admin.query(`create role migrator login password 'secret'; grant create on database pgbeat to migrator`)
  const url = Object.assign(new URL(server.connectionString), { username: 'migrator', password: 'secret' }).href
  await migrate(url)
  const migrator = await connected(t, url)
  const notices: unknown[] = []
  migrator.on('notice', ({ message, hint }) => notices.push({ message, hint }))
  await migrator.query('select pgbeat.create_client_role()')
  await migrator.query('select pgbeat.enable_owner_security(); select pgbeat.disable_owner_security()')
  t.match(notices[0], {
    message: 'there is no role pgbeat_client, and migrator may not create it',
    hint: /create role pgbeat_client nologin;.* select pgbeat.create_client_role\(\);/,
  })
  t.equal(notices.length, 3)
  await migrator.query(`insert into pgbeat.tasks (name) values ('a'); select pgbeat.schedule('a', 'a', '0 3 * * *')`)

  await admin.query('create role pgbeat_client nologin')
  await migrator.query('select pgbeat.create_client_role()')
  t.equal(notices.length, 3)
  await admin.query('set role pgbeat_client')
  await admin.query(`select pgbeat.schedule('b', 'a', '0 3 * * *')`)
})

async function connected(t: Test, connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {})
  await client.connect()
  t.teardown(() => client.end())
  return client
}
