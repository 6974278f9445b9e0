import t from 'tap'
import { testDatabase } from '../support/database.ts'

t.test('every change of a schedule leaves an event: what, from what to what, by whom', async (t) => {
  const { pool } = await testDatabase(t)
  const client = await pool.connect()
  const heard: (string | undefined)[] = []
  client.on('notification', ({ payload }) => heard.push(payload))
  await client.query('listen pgbeat_schedules')
  await client.query(`set pgbeat.actor = 'ann'`)
  await client.query(`insert into pgbeat.schedules (name, task_name, cron_expression)
    values ('a', 'echo', '0 9 * * *'), ('b', 'echo', '0 9 * * *')`)
  await client.query(
    `update pgbeat.schedules set cron_expression = '0 8 * * *', description = 'early' where name = 'a'`,
  )
  await client.query(`update pgbeat.schedules set enabled = false, pause_note = 'holiday' where name = 'a'`)
  await client.query(`update pgbeat.schedules set enabled = true where name = 'a'`)
  await client.query(`reset pgbeat.actor`)
  await client.query(`delete from pgbeat.schedules where name = 'a'`)
  await client.query(`truncate pgbeat.schedules`)
  const { rows } = await client.query(
    `select schedule_name, event_type, changes, revision::int, changed_by = session_user as by_user from pgbeat.schedule_events order by id`,
  )
  client.release()
  t.match(rows, [
    { schedule_name: 'a', event_type: 'created', changes: { cron_expression: { to: '0 9 * * *' } }, revision: 1 },
    { schedule_name: 'b', event_type: 'created', by_user: false },
    {
      event_type: 'updated',
      changes: { cron_expression: { from: '0 9 * * *', to: '0 8 * * *' }, description: { to: 'early' } },
    },
    {
      event_type: 'paused',
      changes: { enabled: { from: true, to: false }, pause_note: { to: 'holiday' } },
      revision: 3,
    },
    { event_type: 'resumed', changes: { pause_note: { from: 'holiday' } }, revision: 4 },
    { event_type: 'deleted', changes: { cron_expression: { from: '0 8 * * *' } }, revision: 5, by_user: true },
    { schedule_name: 'b', event_type: 'deleted' },
  ])
  t.same(Object.keys(rows[2].changes).sort(), ['cron_expression', 'description'], 'only what changed')
  t.same(heard, ['insert', 'update', 'update', 'update', 'delete', 'delete'], 'one notification a statement')
})

t.test('an edit that changes nothing is none', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(`insert into pgbeat.schedules (name, task_name, cron_expression) values ('a', 'echo', '0 9 * * *')`)
  const state = async () => (await pool.query('select revision, updated_at, next_run_at from pgbeat.schedules')).rows
  const before = await state()
  await pool.query(`update pgbeat.schedules set cron_expression = '0 9 * * *', description = null, payload = '{}'`)
  t.same(await state(), before)
  const { rows } = await pool.query('select event_type from pgbeat.schedule_events')
  t.same(rows, [{ event_type: 'created' }])
})

t.test("what the system keeps can't be set", async (t) => {
  const { pool } = await testDatabase(t)
  const kept =
    'id, next_run_at, last_run_at, run_count::int, error, active_since, revision::int, created_at, updated_by'
  const { rows } =
    await pool.query(`insert into pgbeat.schedules (name, task_name, cron_expression, next_run_at, run_count, revision, error)
    values ('a', 'echo', '0 9 * * *', now(), 7, 7, 'oh') returning ${kept}`)
  t.match(rows, [{ next_run_at: null, run_count: 0, revision: 1, error: null }])
  await pool.query(`update pgbeat.schedules set id = gen_random_uuid(), next_run_at = now(), run_count = 9, revision = 99,
    created_at = '1999-01-01', active_since = '1999-01-01', updated_by = 'me', name = 'a'`)
  t.same((await pool.query(`select ${kept} from pgbeat.schedules`)).rows, rows, 'as by one who saves a whole row back')
})

t.test('nulls inside a payload are recorded', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(
    `insert into pgbeat.schedules (name, task_name, every, payload) values ('a', 'echo', '90 s', '{"a": 1, "b": null}')`,
  )
  await pool.query(`update pgbeat.schedules set payload = '{"a": null}', every = '1 hour'`)
  const { rows } = await pool.query('select changes from pgbeat.schedule_events order by id desc limit 1')
  t.same(rows[0].changes, {
    payload: { from: { a: 1, b: null }, to: { a: null } },
    every: { from: 'PT1M30S', to: 'PT1H' },
  })
})
