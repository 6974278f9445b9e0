import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import { PermanentError } from '../../../src/errors.ts'
import { loginCheck } from '../../../src/tasks/sql/doctor.ts'
import { createSqlTask } from '../../../src/tasks/sql/task.ts'
import { type RunTaskOptions, runTask } from '../../../src/testing/run-task.ts'
import { isPassing } from '../../../src/worker/outcome.ts'
import { testDatabase } from '../../support/database.ts'

/** A database with a table that one role may use, and a login of its own that may do so too. */
async function setup(t: Test) {
  const { pool, connectionString } = await testDatabase(t)
  const role = `sql_${randomBytes(6).toString('hex')}`
  await pool.query(`create role ${role} login password 'hush';
    create table items (id int primary key, name text, at timestamptz default '2026-11-22 12:00:00.123456Z');
    insert into items select n, 'item ' || n from generate_series(1, 5) n;
    create table hidden (id int);
    grant select, insert on items to ${role}`)
  t.teardown(() => pool.query(`drop owned by ${role}; drop role ${role}`))
  const url = new URL(connectionString)
  url.username = role
  url.password = 'hush'
  const shared = { PGBEAT_SQL_TASK_ENABLED: 'true', PGBEAT_SQL_TASK_ROLES: role }
  const own = { PGBEAT_SQL_TASK_ENABLED: '1', PGBEAT_SQL_TASK_DATABASE_URL: url.href }
  const run = (payload: object, environment: Record<string, string> = shared, options: RunTaskOptions = {}) =>
    runTask(createSqlTask({ environment: () => environment }), { role, ...payload }, { db: pool, ...options })
  return { pool, role, url: url.href, shared, own, run }
}

t.test('runs a statement with parameters as a role, and keeps what it answers', async (t) => {
  const { run, pool, role } = await setup(t)
  const { result } = await run({
    statement: `select id, name, at, current_user::text as me, 1.50::numeric as price, 9007199254740993 as large,
      'NaN'::float8 as odd, true as yes, $3::jsonb as json, '{}'::text[] as list
      from items where id = any($1) and name <> $2 order by id;`,
    parameters: [[1, 2, 3], 'item 2', { a: [1] }],
  })
  t.same(result, {
    command: 'SELECT',
    row_count: 2,
    truncated: false,
    rows: [1, 3].map((id) => ({
      id,
      name: `item ${id}`,
      at: '2026-11-22 12:00:00.123456+00',
      me: role,
      price: '1.50',
      large: '9007199254740993',
      odd: 'NaN',
      yes: true,
      json: { a: [1] },
      list: '{}',
    })),
  })
  const inserted = await run({ statement: 'insert into items values ($1, $2)', parameters: [6, null] })
  t.same(inserted.result, { command: 'INSERT', row_count: 1, rows: [], truncated: false })
  t.match((await pool.query('select name from items where id = 6')).rows, [{ name: null }])
})

t.test('keeps no more rows than it may, and counts them all', async (t) => {
  const { run } = await setup(t)
  const many = 'select n, repeat($1, 1000) as text from generate_series(1, 5000) n'
  const { rows, ...rest } = (await run({ statement: many, parameters: ['x'], keep_rows: 3 })).result as {
    rows: unknown[]
  }
  t.equal(rows.length, 3)
  t.same(rest, { command: 'SELECT', row_count: 5_000, truncated: true })
  const large = (await run({ statement: many, parameters: ['x'], keep_rows: 5_000 })).result
  t.ok(JSON.stringify(large).length < 270_000)
  t.match(large, { row_count: 5_000, truncated: true })
})

t.test('a statement knows for which instant it runs', async (t) => {
  const { run } = await setup(t)
  const statement = `select current_setting('pgbeat.scheduled_for')::timestamptz = $1 as same, current_setting('pgbeat.run_id') as id`
  const scheduledFor = new Date('2026-11-22T00:00:00.5Z')
  const { result } = await run({ statement, parameters: [scheduledFor.toISOString()] }, undefined, {
    run: { id: '42', scheduledFor },
  })
  t.match(result, { rows: [{ same: true, id: '42' }] })
})

t.test('is off unless it is turned on, and needs a login or a role', async (t) => {
  const { run, role, shared, own } = await setup(t)
  const statement = 'select 1 as one'
  const refused = (code: string) => ({ name: 'PermanentError', code })
  for (const value of ['', 'false', 'nonsense']) {
    await t.rejects(run({ statement }, { ...shared, PGBEAT_SQL_TASK_ENABLED: value }), refused('sql_task_disabled'))
  }
  await t.rejects(run({ statement, role: 'postgres' }), refused('role_refused'))
  await t.rejects(run({ statement, role: undefined }), refused('role_refused'))
  await t.rejects(
    run({ statement, role: 'none' }, { ...shared, PGBEAT_SQL_TASK_ROLES: 'none' }),
    refused('role_refused'),
  )
  await t.rejects(run({ statement }, own), refused('role_refused'))
  t.match(await run({ statement, role: undefined }, own), { result: { rows: [{ one: 1 }] } })
  t.match(await run({ statement }, { ...own, PGBEAT_SQL_TASK_ROLES: `a, ${role}` }), { result: { rows: [{ one: 1 }] } })
})

t.test('takes one statement, with parameters or without, in a transaction of its own', async (t) => {
  const { run, pool } = await setup(t)
  for (const several of ['select 1; select 2', 'commit; select 1', 'select 1; reset role']) {
    const rejected = await run({ statement: several }).catch((error) => error)
    t.match(rejected, several.startsWith('commit') ? { code: 'invalid_payload' } : { code: '42601' }, several)
  }
  for (const statement of ['COMMIT', ' -- x\n/* y */ rollback', 'set role none', 'Reset role', 'listen x', 'begin']) {
    await t.rejects(run({ statement }), { code: 'invalid_payload', message: /runs by itself/ }, statement)
  }
  await t.rejects(run({ statement: 'do $$ begin insert into items values (7); commit; end $$' }), { code: '2D000' })
  await t.rejects(run({ statement: 'copy items from stdin' }))
  t.match((await pool.query('select count(*)::int from items')).rows, [{ count: 5 }])
})

t.test(
  'a role is what keeps a statement from the rest; a login of its own is what it can not get out of',
  async (t) => {
    const { run, own, pool } = await setup(t)
    await t.rejects(run({ statement: 'select * from hidden' }), { code: '42501' })
    await t.rejects(run({ statement: 'update pgbeat.schedules set enabled = false' }), { code: '42501' })
    const escaping = `do $$ begin perform set_config('role', 'none', true); insert into hidden values (1); end $$`
    await run({ statement: escaping })
    t.match((await pool.query('select count(*)::int from hidden')).rows, [{ count: 1 }], 'as docs/tasks.md warns')
    await t.rejects(run({ statement: escaping, role: undefined }, own), { code: '42501' })
  },
)

t.test('leaves nothing behind in a session that others get', async (t) => {
  const { run, pool } = await setup(t)
  await run({ statement: `select set_config('search_path', 'nowhere', false), pg_advisory_lock(1)` })
  t.match((await pool.query('show search_path')).rows, [{ search_path: '"$user", public' }])
  t.match((await pool.query('select pg_try_advisory_lock(1) as free')).rows, [{ free: true }])
})

t.test('read_only refuses changes', async (t) => {
  const { run } = await setup(t)
  const error = await run({ statement: 'insert into items values (8)', read_only: true }).catch((error) => error)
  t.match(error, { code: '25006' })
  t.match(await run({ statement: 'select 1 as one', read_only: true, isolation: 'serializable' }), {
    result: { rows: [{ one: 1 }] },
  })
})

t.test('what Postgres says of a statement is permanent; what may pass is tried again', async (t) => {
  const { run, own } = await setup(t)
  const failure = (statement: string, environment: Record<string, string> = own) =>
    run({ statement, role: undefined }, environment).catch((error) => error)
  const raising = (code: string) => `do $$ begin raise exception using errcode = '${code}'; end $$`
  for (const code of ['42601', '23505', '22012', 'P0001']) t.equal(isPassing(await failure(raising(code))), false, code)
  for (const code of ['40001', '40P01', '08006', '53300']) t.equal(isPassing(await failure(raising(code))), true, code)
  t.equal(isPassing(await failure('select pg_terminate_backend(pg_backend_pid())')), true)
  const away = { ...own, PGBEAT_SQL_TASK_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
  const refused = await failure('select 1', away)
  t.notOk(refused instanceof pg.DatabaseError || refused instanceof PermanentError)
  t.equal(isPassing(refused), true)
})

t.test('a statement that takes too long fails, and one whose run is to end is ended', async (t) => {
  const { run, own, pool } = await setup(t)
  await t.rejects(run({ statement: 'select pg_sleep(60)', timeout_seconds: 0.1 }), {
    name: 'PermanentError',
    code: 'statement_timeout',
  })
  for (const environment of [undefined, own]) {
    const stopping = new AbortController()
    const payload = {
      statement: 'select pg_sleep(60)',
      ...(environment && { role: undefined }),
    }
    const running = run(payload, environment, { signal: stopping.signal })
    await untilSleeping(pool)
    stopping.abort(new Error('stop'))
    await t.rejects(running, { message: 'stop' })
    await t.rejects(run(payload, environment, { signal: stopping.signal }), { message: 'stop' })
  }
})

/** Resolves once a session of the task waits in pg_sleep. */
async function untilSleeping(pool: pg.Pool): Promise<void> {
  await pool.query(`do $$ begin
    while not exists (select from pg_stat_activity where wait_event = 'PgSleep' and pid <> pg_backend_pid()
      and datname = current_database()) loop perform pg_sleep(0.01), pg_stat_clear_snapshot(); end loop; end $$`)
}

t.test('the doctor says what statements can do', async (t) => {
  const { shared, own, pool } = await setup(t)
  const look = (environment: Record<string, string>, isNeeded = true) =>
    loginCheck.look(environment, async () => isNeeded)
  t.match(await look({}), { status: 'warn' })
  t.match(await look({}, false), { status: 'pass' })
  t.match(await look({ PGBEAT_SQL_TASK_ENABLED: 'true' }), { status: 'fail' })
  t.match(await look(shared), { status: 'pass', message: /the login of the worker/ })
  t.match(await look(own), { status: 'pass', message: /a login of their own, sql_/ })
  const { connectionString = '' } = pool.options
  t.match(await look({ ...own, PGBEAT_SQL_TASK_DATABASE_URL: connectionString }), { status: 'warn' })
})
