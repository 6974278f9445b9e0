import pg from 'pg'
import t from 'tap'
import { testDatabase } from '../support/database.ts'

const everything = `select to_jsonb(s) - '{id}'::text[] as row, s.xmin::text from pgbeat.schedules s order by name`

/** What is sent meanwhile. A session hears what was sent before its own notification before that statement is over. */
async function heardBy(client: pg.ClientBase, act: () => Promise<unknown>): Promise<(string | undefined)[]> {
  const heard: (string | undefined)[] = []
  client.on('notification', ({ payload }) => heard.push(payload))
  await client.query('listen pgbeat_schedules')
  await act()
  await client.query(`notify pgbeat_schedules, 'that is all'`)
  return heard
}

t.test('what is declared is there, and declaring it again changes nothing', async (t) => {
  const { pool } = await testDatabase(t)
  const { rows } = await pool.query<{ id: string }>(`select pgbeat.schedule('nightly', 'echo', '0 3 * * *') as id`)
  const { rows: inserted } = await pool.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression) values ('inserted', 'echo', '0 3 * * *')
     returning to_jsonb(schedules) - '{id,name,created_at,updated_at,active_since,timetable_since}'::text[] as row`,
  )
  const { rows: declared } = await pool.query(
    `select to_jsonb(s) - '{id,name,created_at,updated_at,active_since,timetable_since}'::text[] as row
     from pgbeat.schedules s where id = $1 and name = 'nightly'`,
    [rows[0]?.id],
  )
  t.same(declared, inserted, 'as an INSERT of the same')

  const spellings = [
    [`every => '60 seconds', payload => '{"a": 1, "b": {"c": 2, "d": 3}}', timeout => '1 day'`],
    [`every => '1 minute', payload => '{"b": {"d": 3, "c": 2}, "a": 1}', timeout => '24:00:00'`],
    [`every => 'PT60S', payload => '{"b":{"d":3,"c":2},"a":1.0}', timeout => 'PT24H', tags => array[]::text[]`],
  ]
  const declare = (named: unknown) => pool.query(`select pgbeat.schedule('often', 'echo', ${named})`)
  await declare(spellings[0])
  const before = (await pool.query(everything)).rows
  const client = await pool.connect()
  const heard = await heardBy(client, async () => {
    for (const spelling of spellings) await declare(spelling)
    await client.query(`set timezone to 'Asia/Tokyo'; set intervalstyle to 'sql_standard'`)
    await client.query(`select pgbeat.schedule('often', 'echo', ${spellings[0]})`)
  })
  client.release(true)
  t.same(heard, ['that is all'])
  t.same((await pool.query(everything)).rows, before, 'the rows were not even written')
  const { rows: events } = await pool.query('select schedule_name, event_type from pgbeat.schedule_events order by id')
  t.same(
    events.map(({ schedule_name, event_type }) => `${schedule_name} ${event_type}`),
    ['nightly created', 'inserted created', 'often created'],
  )
})

t.test('what is left out becomes what it is for a new schedule, but a pause stays', async (t) => {
  const { pool } = await testDatabase(t)
  const read = async () =>
    (await pool.query('select priority, description, enabled, pause_note, revision::int from pgbeat.schedules')).rows[0]
  await pool.query(`select pgbeat.schedule('a', 'echo', '0 3 * * *', priority => 5, description => 'early')`)
  t.same(await read(), { priority: 5, description: 'early', enabled: true, pause_note: null, revision: 1 })
  await pool.query(`select pgbeat.pause('a', 'holiday')`)
  await pool.query(`select pgbeat.schedule('a', 'echo', '0 3 * * *')`)
  t.same(await read(), { priority: 0, description: null, enabled: false, pause_note: 'holiday', revision: 3 })
  await pool.query(`select pgbeat.schedule('a', 'echo', '0 3 * * *')`)
  t.match(await read(), { enabled: false, revision: 3 })
  await pool.query(`select pgbeat.schedule('a', 'echo', '0 3 * * *', enabled => true)`)
  t.match(await read(), { enabled: true, pause_note: null, revision: 4 })
  await pool.query(`select pgbeat.schedule('a', 'echo', '0 3 * * *', enabled => false, pause_note => 'later')`)
  await pool.query(`select pgbeat.schedule('a', 'echo', '0 3 * * *', enabled => false, pause_note => 'later')`)
  t.match(await read(), { enabled: false, pause_note: 'later', revision: 5 })
})

t.test('another timetable takes the place of the one before', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(`select pgbeat.schedule('a', 'echo', '0 3 * * *')`)
  await pool.query(`select pgbeat.schedule('a', 'echo', every => '1 hour')`)
  const { rows } = await pool.query('select cron_expression, every is not null as every from pgbeat.schedules')
  t.same(rows, [{ cron_expression: null, every: true }])
})

t.test('a schedule takes every column that people edit', async (t) => {
  const { pool } = await testDatabase(t)
  const { rows } = await pool.query<{ argument: string }>(
    `select unnest(proargnames) as argument from pg_proc where oid = 'pgbeat.schedule'::regproc`,
  )
  await pool.query(`select pgbeat.schedule('a', 'echo', '0 3 * * *')`)
  const { rows: columns } = await pool.query<{ name: string }>(
    'select jsonb_object_keys(pgbeat.editable(s)) as name from pgbeat.schedules s',
  )
  t.same(rows.map(({ argument }) => argument).sort(), columns.map(({ name }) => name).sort())
})

t.test('wrong input is refused as an INSERT refuses it', async (t) => {
  const { pool } = await testDatabase(t)
  const wrong: Record<string, string>[] = [
    { cron_expression: `'61 * * * *'` },
    { cron_expression: `'0 3 * *'` },
    {},
    { cron_expression: `'0 3 * * *'`, every: `'1 hour'` },
    { every: `'-1 hour'` },
    { every: `'1 month'` },
    { cron_expression: `'0 3 * * *'`, timezone: `'Mars/Base'` },
    { cron_expression: `'0 3 * * *'`, timezone: 'null' },
    { cron_expression: `'0 3 * * *'`, payload: 'null' },
    { cron_expression: `'0 3 * * *'`, priority: '70000' },
    { cron_expression: `'0 3 * * *'`, max_attempts: '0' },
    { cron_expression: `'0 3 * * *'`, overlap_policy: `'never'` },
    { cron_expression: `'0 3 * * *'`, tags: `array['']` },
    { cron_expression: `'0 3 * * *'`, task_name: `'nobody'` },
    { cron_expression: `'0 3 * * *'`, name: `' a'` },
    { cron_expression: `'0 3 * * *'`, name: 'gen_random_uuid()::text' },
  ]
  await pool.query(`select pgbeat.schedule('there', 'echo', '0 3 * * *')`)
  for (const given of wrong) {
    const columns = { name: `'a'`, task_name: `'echo'`, ...given }
    const insert = `insert into pgbeat.schedules (${Object.keys(columns)}) values (${Object.values(columns)})`
    const declare = (named: object) =>
      `select pgbeat.schedule(${Object.entries(named).map(([name, value]) => `${name} => ${value}`)})`
    const refusal = await refusalOf(pool, insert)
    t.match(refusal, { code: /^2[23]/ }, JSON.stringify(given))
    t.same(await refusalOf(pool, declare(columns)), refusal, `${JSON.stringify(given)}, new`)
    if ('name' in given) continue
    t.same(await refusalOf(pool, declare({ ...columns, name: `'there'` })), refusal, `${JSON.stringify(given)}, there`)
  }
  t.match(await refusalOf(pool, `select pgbeat.schedule(null, 'echo', '0 3 * * *')`), {
    code: '22023',
    column: 'name',
    hint: /An INSERT may leave it out/,
  })
})

async function refusalOf(pool: pg.Pool, statement: string): Promise<unknown> {
  const error = await pool.query(statement).then(
    () => undefined,
    (error: pg.DatabaseError) => error,
  )
  return error && { code: error.code, message: error.message, hint: error.hint, column: error.column }
}

for (const isolation of ['read committed', 'repeatable read', 'serializable']) {
  t.test(`twenty replicas declare the same at once: ${isolation}`, async (t) => {
    const { pool, connectionString } = await testDatabase(t)
    const replicas = Array.from({ length: 20 }, () => new pg.Client({ connectionString }))
    await Promise.all(replicas.map((client) => client.connect()))
    const ids = new Set<string>()
    for (const cron of ['0 3 * * *', '0 4 * * *', '0 5 * * *']) {
      const outcomes = await Promise.all(
        replicas.map(async (client) => {
          await client.query(`begin isolation level ${isolation}`)
          try {
            for (const name of ['a', 'b', 'c']) {
              const { rows } = await client.query(`select pgbeat.schedule($1, 'echo', $2) as id`, [name, cron])
              ids.add(rows[0].id)
            }
            await client.query('commit')
            return 'done'
          } catch (error) {
            await client.query('rollback')
            return (error as pg.DatabaseError).code
          }
        }),
      )
      t.ok(outcomes.includes('done'))
      const others = isolation === 'read committed' ? [] : ['40001']
      t.same(
        outcomes.filter((outcome) => outcome !== 'done' && !others.includes(outcome ?? '')),
        [],
      )
    }
    await Promise.all(replicas.map((client) => client.end()))
    const { rows } = await pool.query('select name, cron_expression, revision::int from pgbeat.schedules order by name')
    t.same(
      rows,
      ['a', 'b', 'c'].map((name) => ({ name, cron_expression: '0 5 * * *', revision: 3 })),
    )
    const { rows: events } = await pool.query('select event_type, count(*)::int from pgbeat.schedule_events group by 1')
    t.same(events.sort(), [
      { event_type: 'created', count: 3 },
      { event_type: 'updated', count: 6 },
    ])
    if (isolation === 'read committed') t.equal(ids.size, 3)
  })
}

t.test('replicas that find what they declare wait for nobody', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(`select pgbeat.schedule('a', 'echo', '0 3 * * *')`)
  const holder = await pool.connect()
  await holder.query('begin')
  await holder.query(`select from pgbeat.schedules where name = 'a' for update`)
  await pool.query(`set lock_timeout to '1ms'; select pgbeat.schedule('a', 'echo', '0 3 * * *')`)
  await holder.query('rollback')
  holder.release()
})

t.test('in opposite orders one of two transactions is told of the deadlock, and can do it again', async (t) => {
  const { pool } = await testDatabase(t)
  const one = await pool.connect()
  const other = await pool.connect()
  const declare = (client: pg.ClientBase, name: string) =>
    client.query(`select pgbeat.schedule('${name}', 'echo', '0 3 * * *')`)
  const inOrder = async (client: pg.ClientBase, names: string[], between: Promise<unknown>, isThere: () => void) => {
    await client.query('begin')
    await declare(client, names[0] as string)
    isThere()
    await between
    return declare(client, names[1] as string).then(
      () => client.query('commit').then(() => 'done'),
      (error) => client.query('rollback').then(() => error.code as string),
    )
  }
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const outcomes = await Promise.all([
    inOrder(one, ['a', 'b'], second.promise, first.resolve),
    inOrder(other, ['b', 'a'], first.promise, second.resolve),
  ])
  t.same(outcomes.sort(), ['40P01', 'done'])
  await inOrder(one, ['b', 'a'], Promise.resolve(), () => {})
  const { rows } = await pool.query('select name, revision::int from pgbeat.schedules order by name')
  t.same(rows, [
    { name: 'a', revision: 1 },
    { name: 'b', revision: 1 },
  ])
  one.release()
  other.release()
})

/** Declares 'a' anew while another transaction has done something to it, which then ends in some way. */
async function declareBehind(pool: pg.Pool, act: string, end: 'commit' | 'rollback'): Promise<void> {
  const other = await pool.connect()
  await other.query(`begin; ${act}`)
  const declared = pool.query(`select pgbeat.schedule('a', 'echo', '0 4 * * *')`)
  const blocked = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  while ((await pool.query(blocked)).rowCount === 0);
  await other.query(end)
  other.release()
  await declared
}

t.test('who waits for another transaction goes by what that has left', async (t) => {
  const { pool } = await testDatabase(t)
  const read = async () =>
    (await pool.query('select cron_expression, enabled, revision::int from pgbeat.schedules')).rows[0]
  const declared = { cron_expression: '0 4 * * *', enabled: true }
  await declareBehind(pool, `select pgbeat.schedule('a', 'echo', '0 3 * * *')`, 'rollback')
  t.same(await read(), { ...declared, revision: 1 }, 'nothing')
  await pool.query(`select pgbeat.schedule('a', 'echo', '0 5 * * *')`)
  await declareBehind(pool, `select pgbeat.unschedule('a')`, 'commit')
  t.same(await read(), { ...declared, revision: 1 }, 'a schedule that is gone')
  await pool.query(`select pgbeat.schedule('a', 'echo', '0 5 * * *')`)
  await declareBehind(pool, `select pgbeat.pause('a')`, 'commit')
  t.same(await read(), { ...declared, enabled: false, revision: 4 }, 'a pause')
  await pool.query(`select pgbeat.schedule('a', 'echo', '0 5 * * *')`)
  await declareBehind(pool, `select pgbeat.schedule('a', 'echo', '0 4 * * *')`, 'commit')
  t.same(await read(), { ...declared, enabled: false, revision: 6 }, 'the same, so nothing is left to do')
})

t.test('unscheduling says whether there was one', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(`select pgbeat.schedule('a', 'echo', '0 3 * * *')`)
  const unschedule = async () => (await pool.query(`select pgbeat.unschedule('a') as was_there`)).rows[0].was_there
  const answers = await Promise.all(Array.from({ length: 10 }, unschedule))
  t.equal(answers.filter((answer) => answer).length, 1)
  t.equal(await unschedule(), false)
  const { rows } = await pool.query('select event_type from pgbeat.schedule_events order by id')
  t.same(rows, [{ event_type: 'created' }, { event_type: 'deleted' }])
})
