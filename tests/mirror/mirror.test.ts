import { once } from 'node:events'
import t from 'tap'
import { triggerRun } from '../../src/store/runs.ts'
import { nextEvent } from '../support/events.ts'
import { withoutRedis } from '../support/redis.ts'
import { channel } from './consumer.ts'
import { mirroring } from './mirroring.ts'

const ofRedis = { skip: withoutRedis }

t.test('every change of a schedule is published and in the stream, in the order of the changes', ofRedis, async (t) => {
  const { create, pool, db, consumer, caughtUp } = await mirroring(t)
  const id = await create('one')
  await pool.query(`update pgbeat.schedules set description = 'changed' where id = $1`, [id])
  await pool.query('select pgbeat.pause($1)', [id])
  await pool.query('select pgbeat.resume($1)', [id])
  await triggerRun(db, { name: 'somebody' }, id)
  await pool.query('delete from pgbeat.schedules where id = $1', [id])
  await caughtUp()
  const { rows } = await pool.query<{ id: string; event_type: string; occurred_at: Date }>(
    `select id, event_type, occurred_at from pgbeat.schedule_events where event_type <> 'triggered' order by id`,
  )
  t.same(
    rows.map(({ event_type }) => event_type),
    ['created', 'updated', 'paused', 'resumed', 'deleted'],
  )
  const expected = rows.map(({ event_type, occurred_at }) => ({
    event_type: `schedule_${{ paused: 'updated', resumed: 'updated' }[event_type] ?? event_type}`,
    schedule_id: id,
    timestamp: occurred_at.toISOString(),
  }))
  await consumer.hears(5)
  t.same(consumer.heard, expected)
  const entries = await consumer.entries()
  t.same(
    entries.map(({ id: _, ...entry }) => entry),
    expected.map((message, index) => ({ ...message, event_id: rows[index]?.id })),
  )
})

t.test('what is committed later comes later, though it began before', ofRedis, async (t) => {
  const { create, pool, consumer, caughtUp } = await mirroring(t)
  const client = await pool.connect()
  await client.query('begin')
  await client.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression) values ('early', 'echo', '0 0 1 1 *')`)
  const late = await create('late')
  await consumer.hears(1)
  await client.query('commit')
  client.release()
  await caughtUp()
  const entries = await consumer.entries()
  t.equal(entries.length, 2)
  t.equal(entries[0]?.schedule_id, late)
  t.ok(Number(entries[0]?.event_id) > Number(entries[1]?.event_id), 'the order of the ids is another one')
  await consumer.hears(2)
  t.same(
    consumer.heard.map(({ schedule_id }) => schedule_id),
    entries.map(({ schedule_id }) => schedule_id),
  )
})

t.test('a bulk edit is sent in batches, and how many were told is known', ofRedis, async (t) => {
  const { pool, events, consumer, caughtUp } = await mirroring(t)
  const sent: { events: number; receivers: number }[] = []
  events.on('mirror:sent', (event) => sent.push(event))
  await pool.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression)
    select 'bulk ' || n, 'echo', '0 0 1 1 *' from generate_series(1, 1200) n`)
  await caughtUp()
  t.same(
    sent.map((event) => event.events),
    [500, 500, 200],
  )
  t.ok(
    sent.every((event) => event.receivers === 2 * event.events),
    'the mirror listens too',
  )
  const ids = (await consumer.entries()).map(({ event_id }) => Number(event_id))
  t.equal(ids.length, 1_200)
  t.same(
    ids,
    ids.toSorted((a, b) => a - b),
  )
})

t.test(
  'messages of others wake the tick, those of a burst together, and the last is not dropped',
  ofRedis,
  async (t) => {
    const { create, pool, events, consumer, caughtUp } = await mirroring(t, { minIntervalMs: 200 })
    const heard: number[] = []
    events.on('mirror:heard', ({ messages }) => heard.push(messages))
    await create('of our own')
    await caughtUp()
    t.same(heard, [], 'its own messages come back to it')
    const session = await pool.connect()
    t.teardown(() => session.release(true))
    await session.query('listen pgbeat_schedules')
    const total = () => heard.reduce((sum, messages) => sum + messages, 0)
    const first = once(session, 'notification')
    await consumer.publish('"not even an event"')
    await first
    const last = once(session, 'notification')
    for (let i = 0; i < 50; i += 1) await consumer.publish(JSON.stringify({ event_type: 'schedule_updated', i }))
    while (total() < 51) await nextEvent(events, 'mirror:heard')
    await last
    t.same(heard, [1, 50])
  },
)

t.test('the lag is told, and who mirrors', ofRedis, async (t) => {
  const { create, row, consumer, caughtUp } = await mirroring(t)
  await create('a')
  await caughtUp()
  const [entry] = await consumer.entries()
  const place = await row<{ stream_id: string; channel: string; error: null }>(
    `select epoch || '-' || sent as stream_id, channel, error, seen_at > now() - interval '5 seconds' as is_fresh
     from pgbeat.mirror`,
  )
  t.match(place, { stream_id: entry?.id, channel, error: null, is_fresh: true })
})
