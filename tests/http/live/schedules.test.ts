import t from 'tap'
import { testDatabase } from '../../support/database.ts'
import { startLive } from './live.ts'

const insert = (name: string) =>
  `insert into pgbeat.schedules (name, task_name, cron_expression) values ('${name}', 'echo', '0 9 * * *')`
const names = (events: readonly { data: { schedule_name: string } }[]) => events.map(({ data }) => data.schedule_name)

t.test('tells who is connected of every change of a schedule, by SQL too', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database)
  const stream = await open()
  t.equal(stream.status, 200)
  t.match(Object.fromEntries(stream.headers), {
    'content-type': /^text\/event-stream/,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  t.equal(stream.retries.length, 1)
  await pool.query(insert('a'))
  await pool.query(`update pgbeat.schedules set description = E'two\nlines\r\nand \u2028 more'`)
  await pool.query(`update pgbeat.schedules set enabled = false, pause_note = 'holiday'`)
  await pool.query(`update pgbeat.schedules set enabled = true`)
  await pool.query(`delete from pgbeat.schedules`)
  await stream.find(({ event }) => event === 'schedule.deleted')
  t.same(
    stream.events.map(({ event }) => event),
    ['created', 'updated', 'paused', 'resumed', 'deleted'].map((type) => `schedule.${type}`),
  )
  const { rows } = await pool.query(
    `select id::text, schedule_id, schedule_name, event_type, changes, revision::int, changed_by, note, occurred_at
     from pgbeat.schedule_events order by id`,
  )
  t.same(
    stream.events.map(({ data }) => data),
    JSON.parse(JSON.stringify(rows)),
  )
  t.equal(new Set(stream.events.map(({ id }) => id)).size, 5, 'each has an id of its own')
})

t.test('long values are left out, and how long they are is told', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database)
  const stream = await open()
  await pool.query(insert('a'))
  const [short, long] = ['s'.repeat(1_990), 'é'.repeat(50_000)]
  await pool.query(`update pgbeat.schedules set description = $1, payload = to_jsonb($2::text)`, [short, long])
  const { data } = await stream.find(({ event }) => event === 'schedule.updated')
  t.match(data.changes, { description: { to: short }, payload: { to: { omitted_bytes: 100_002 } } })
  await pool.query(`update pgbeat.schedules set payload = '1'`)
  await stream.until(() => stream.events.length === 3)
  t.same(stream.events[2]?.data.changes, { payload: { from: { omitted_bytes: 100_002 }, to: 1 } })
  await pool.query(`begin; set local pgbeat.note = '${long}'; delete from pgbeat.schedules; commit`)
  const deleted = await stream.find(({ event }) => event === 'schedule.deleted')
  t.equal(deleted.data.note.length, 2_000)
})

t.test('what somebody wrote there that is no edit does no harm', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database)
  const stream = await open()
  const long = 'x'.repeat(3_000)
  const nonsense = [[long], { a: long }, { a: [long], b: {} }]
  for (const changes of nonsense) {
    await pool.query(
      `insert into pgbeat.schedule_events (schedule_id, schedule_name, event_type, changes, revision, changed_by)
       values (gen_random_uuid(), 'x', 'created', $1, 1, 'me')`,
      [JSON.stringify(changes)],
    )
  }
  await stream.until(() => stream.events.length === 3)
  t.match(
    stream.events.map(({ data }) => data.changes),
    [{ omitted_bytes: 3_004 }, { a: { omitted_bytes: 3_002 } }, { a: { omitted_bytes: 3_004 }, b: {} }],
  )
})

t.test('changes that are too large together are not told one by one', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database)
  const stream = await open()
  const before = stream.lastId
  await pool.query(
    `insert into pgbeat.schedules (name, task_name, every, description, pause_note)
     select 's' || i, 'echo', '1 hour', repeat('d', 1900), repeat('p', 1900) from generate_series(1, 900) i`,
  )
  await pool.query(
    `update pgbeat.schedules set description = repeat('e', 1900), pause_note = repeat('q', 1900) where name <> 's1'`,
  )
  await stream.find(({ event }) => event === 'overflow')
  const late = await open({ lastEventId: before })
  await late.find(({ event }) => event === 'overflow')
  await pool.query(insert('next'))
  await late.find(({ data }) => data.schedule_name === 'next')
  t.equal(late.events.length, 2)
})

t.test('a transaction that was open while others were committed is told of when it is committed, once', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const here = await startLive(t, database)
  const elsewhere = await startLive(t, database)
  const stream = await here.open()
  const slow = await pool.connect()
  await slow.query('begin')
  await slow.query(insert('slow'))
  await pool.query(insert('quick'))
  const { id: lastEventId } = await stream.find(({ data }) => data.schedule_name === 'quick')
  stream.close()
  await pool.query(insert('meanwhile'))

  const again = await elsewhere.open({ lastEventId })
  await again.find(({ data }) => data.schedule_name === 'meanwhile')
  await slow.query('commit')
  slow.release()
  const late = await again.find(({ data }) => data.schedule_name === 'slow')
  await pool.query(insert('last'))
  const { id } = await again.find(({ data }) => data.schedule_name === 'last')
  t.same(names(again.events), ['meanwhile', 'slow', 'last'])

  const afterLate = await here.open({ lastEventId: late.id })
  await afterLate.find(({ data }) => data.schedule_name === 'last')
  t.same(names(afterLate.events), ['last'])
  const afterAll = await here.open({ lastEventId: id })
  await pool.query(insert('new'))
  await afterAll.find(({ data }) => data.schedule_name === 'new')
  t.same(names(afterAll.events), ['new'], 'nothing twice')
})

t.test('whoever dies in the middle of a batch goes on behind the message that it got last', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open, feed } = await startLive(t, database)
  const stream = await open()
  const all = Array.from({ length: 10 }, (_, index) => `s${index}`)
  await pool.query(
    `insert into pgbeat.schedules (name, task_name, cron_expression)
     select unnest($1::text[]), 'echo', '0 9 * * *'`,
    [all],
  )
  await stream.find(({ data }) => data.schedule_name === 's9')
  await pool.query(`update pgbeat.schedules set description = 'later' where name in ('s1', 's8')`)
  await stream.until(() => stream.events.length === 12)
  const order = names(stream.events)
  for (const [index, { id }] of stream.events.entries()) {
    const again = await open({ lastEventId: id })
    await again.until(() => again.events.length >= 11 - index)
    t.same(names(again.events), order.slice(index + 1), `after ${index + 1} of 12`)
    // A resumed client that dies in its own batch.
    const [first] = again.events
    if (first !== undefined) {
      const third = await open({ lastEventId: first.id })
      await third.until(() => third.events.length >= 10 - index)
      t.same(names(third.events), order.slice(index + 2))
      third.close()
    }
    again.close()
  }
  t.equal(feed.isFull, false)
})

t.test('each client gets what it asks for', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database)
  await pool.query(insert('a'))
  await pool.query(insert('b'))
  await pool.query(`insert into pgbeat.tasks (name) values ('other')`)
  await pool.query(`update pgbeat.schedules set task_name = 'other' where name = 'b'`)
  const { rows } = await pool.query('select id from pgbeat.schedules order by name')
  const [everything, ofA, ofOther, runs] = await Promise.all([
    open(),
    open({ filter: { scheduleId: rows[0].id.toUpperCase() } }),
    open({ filter: { taskName: 'other' } }),
    open({ filter: { types: ['run'] } }),
  ])
  await pool.query(`update pgbeat.schedules set description = 'x' where name = 'a'`)
  await pool.query(`update pgbeat.schedules set description = 'x' where name = 'b'`)
  await pool.query(`delete from pgbeat.schedules where name = 'b'`)
  await pool.query(`delete from pgbeat.schedules where name = 'a'`)
  await everything.until(() => everything.events.length === 4)
  await ofA.until(() => ofA.events.length === 2)
  await ofOther.until(() => ofOther.events.length === 2)
  t.same(names(ofA.events), ['a', 'a'])
  t.same(names(ofOther.events), ['b', 'b'])
  t.same(runs.events, [])
})

t.test('events of a dump from another cluster are history', async (t) => {
  const { pool, ...database } = await testDatabase(t)
  const { open } = await startLive(t, database)
  const stream = await open()
  await pool.query(`insert into pgbeat.schedule_events
      (schedule_id, schedule_name, event_type, changes, revision, changed_by, xid)
    select gen_random_uuid(), 'restored', 'created', '{}', 1, 'me', (pg_current_xact_id()::text::bigint + i)::text::xid8
    from generate_series(1, 100) i`)
  for (let index = 0; index < 120; index += 1) await pool.query(insert(`own${index}`))
  await stream.find(({ data }) => data.schedule_name === 'own119')
  t.notOk(names(stream.events).includes('restored'))
  t.equal(stream.events.length, 120)
})
