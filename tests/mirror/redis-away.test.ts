import t from 'tap'
import { Network } from '../cluster/network.ts'
import { nextEvent } from '../support/events.ts'
import { startRedis, withoutRedis } from '../support/redis.ts'
import { type System, testSystem } from '../support/system.ts'
import { consume } from './consumer.ts'
import { caughtUp, createSchedule, type Mirroring, mirroring, startMirror } from './mirroring.ts'

const ofRedis = { skip: withoutRedis }

/** The ids of all events so far, in the order in which they were committed, and those of schedules one by one. */
async function eventIds({ pool }: Pick<System, 'pool'>): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>('select id from pgbeat.schedule_events order by id')
  return rows.map(({ id }) => id)
}

async function editWhileAway({ create, redis, events, pool }: Mirroring): Promise<void> {
  await create('before')
  const failed = nextEvent(events, 'mirror:failed')
  await redis.kill()
  for (let i = 0; i < 20; i += 1) {
    await create(`while away ${i}`)
    await pool.query('update pgbeat.schedules set description = $1 where name = $2', [`${i}`, `while away ${i}`])
  }
  await failed
}

for (const persistent of [false, true]) {
  const kind = persistent ? 'has its data still' : 'has lost all its data'
  t.test(`a Redis that was killed and ${kind} gets what it lacks, in order and once`, ofRedis, async (t) => {
    const system = await mirroring(t, { persistent })
    const { redis, consumer, events, create } = system
    const restored: number[] = []
    events.on('mirror:restored', (event) => restored.push(event.events))
    await create('the very first')
    await caughtUp(system)
    await editWhileAway(system)
    await redis.restart()
    await caughtUp(system)
    await create('after')
    await caughtUp(system)
    await consumer.hears(23 + 20)
    t.same(
      consumer.heard,
      (await consumer.entries()).map(({ event_type, schedule_id, timestamp }) => ({
        event_type,
        schedule_id,
        timestamp,
      })),
      'those who are subscribed hear all of it, for it waits until they are back',
    )
    t.same(
      (await consumer.entries()).map(({ event_id }) => event_id),
      await eventIds(system),
    )
    if (persistent) t.same(restored, [])
    else t.ok(restored[0] === 1 || restored[0] === 2, 'what had been sent before')
  })
}

t.test('who comes back later than the mirror misses nothing', ofRedis, async (t) => {
  const system = await mirroring(t)
  const { redis, create, events } = system
  const slow = await consume(t, redis, { retryMs: 2_000 })
  await create('before')
  await slow.hears(1)
  const failed = nextEvent(events, 'mirror:failed')
  await redis.kill()
  await create('while away')
  await failed
  const connected = nextEvent(events, 'mirror:connected')
  await redis.restart()
  await connected
  await slow.hears(2)
  t.equal(slow.heard.length, 2)
})

t.test('while Redis is away schedules fire, the lag grows, and is gone when it is back', ofRedis, async (t) => {
  const redis = await startRedis(t)
  await redis.kill()
  const system = await testSystem(t)
  const { pool, events, row } = system
  const failed = nextEvent(events, 'mirror:failed')
  startMirror(t, system, redis.url)
  system.startTick()
  t.match(await failed, { error: { message: /^Redis can't be used: .*ECONNREFUSED/ } })
  const fired = nextEvent(events, 'tick:fired')
  await pool.query(`insert into pgbeat.tasks (name) values ('echo') on conflict do nothing`)
  await pool.query(`insert into pgbeat.schedules (name, task_name, every) values ('s', 'echo', '1 second')`)
  t.match(await fired, { jobs: 1 })
  await createSchedule(system, 'one more')
  const again = nextEvent(events, 'tick:passed')
  await again
  const lagging = () =>
    row<{ lag: number; error: string }>('select (numbered - sent)::int as lag, error from pgbeat.mirror')
  while ((await lagging()).lag < 2) await nextEvent(events, 'tick:passed')
  t.match(await lagging(), { lag: 2, error: /ECONNREFUSED/ })
  const connected = nextEvent(events, 'mirror:connected')
  await redis.restart()
  await connected
  await caughtUp(system)
  const consumer = await consume(t, redis)
  t.equal((await consumer.entries()).length, 2)
  t.match(await row('select failing_since, error from pgbeat.mirror'), { failing_since: null, error: null })
})

t.test('what is removed behind our back is there again, and is not published again', ofRedis, async (t) => {
  const system = await mirroring(t)
  const { create, consumer, events } = system
  for (const name of ['a', 'b', 'c']) await create(name)
  await caughtUp(system)
  await consumer.hears(3)
  const restored = nextEvent(events, 'mirror:restored')
  await consumer.redis.flushall()
  t.match(await restored, { events: 3 })
  await create('d')
  await consumer.hears(4)
  t.equal((await consumer.entries()).length, 4)
  t.equal(consumer.heard.length, 4)
})

t.test('entries that consumers remove stay away', ofRedis, async (t) => {
  const system = await mirroring(t)
  const { create, consumer, events } = system
  let isRestored = false
  events.on('mirror:restored', () => {
    isRestored = true
  })
  await create('a')
  await create('b')
  await caughtUp(system)
  const [first, second] = await consumer.entries()
  await consumer.redis.xdel('celery_beat_schedule_updates:stream', first?.id ?? '', second?.id ?? '')
  await create('c')
  await consumer.hears(3)
  t.equal((await consumer.entries()).length, 1)
  t.notOk(isRestored)
})

t.test("a stream that has another database's entries is added to", ofRedis, async (t) => {
  const redis = await startRedis(t)
  const consumer = await consume(t, redis)
  const later = `${Date.now() + 3_600_000}-7`
  await consumer.redis.xadd('celery_beat_schedule_updates:stream', later, 'event_type', 'schedule_created')
  const system = await testSystem(t)
  const began = nextEvent(system.events, 'mirror:epoch-began')
  startMirror(t, system, redis.url)
  system.startTick()
  const id = await createSchedule(system, 'ours')
  t.match(await began, { lastId: later })
  await consumer.hears(1)
  const entries = await consumer.entries()
  t.equal(entries.length, 2)
  t.equal(entries[1]?.schedule_id, id)
})

t.test('a Redis that refuses is told of with its words, and used once it does not', ofRedis, async (t) => {
  const redis = await startRedis(t)
  const consumer = await consume(t, redis)
  await consumer.redis.call('ACL', 'SETUSER', 'mirror', 'on', '>secret', '~*', '&*', '+@all', '-eval')
  const system = await testSystem(t)
  const failed = nextEvent(system.events, 'mirror:failed')
  startMirror(t, system, redis.url.replace('redis://', 'redis://mirror:secret@'))
  system.startTick()
  t.match(await failed, { error: { message: /NOPERM/ } })
  await createSchedule(system, 'a')
  await consumer.redis.call('ACL', 'SETUSER', 'mirror', '+eval')
  await consumer.hears(1)
  t.equal((await consumer.entries()).length, 1)
})

t.test('a mirror that is told to stop does not wait for a Redis that has gone silent', ofRedis, async (t) => {
  const redis = await startRedis(t)
  const network = await Network.start(redis.url)
  t.teardown(() => network.stop())
  const system = await testSystem(t)
  const { row } = system
  const mirror = startMirror(t, system, network.connectionString)
  system.startTick()
  const place = () =>
    row<{ seen: string; numbered: number }>('select seen_at::text as seen, numbered::int from pgbeat.mirror')
  // The second pass, which comes at once, may still be under way after the first.
  for (const _pass of [1, 2]) {
    const { seen } = await place()
    while ((await place()).seen === seen) {}
  }
  network.silence()
  await createSchedule(system, 'a')
  while ((await place()).numbered === 0) {}
  const startedAt = performance.now()
  await mirror.stop()
  t.ok(performance.now() - startedAt < 3_000, 'a command would be waited for 5 s')
  t.match(await row('select error from pgbeat.mirror'), { error: null }, 'and stopping is no failure')
})

t.test('more than the stream keeps is forgotten', ofRedis, async (t) => {
  const redis = await startRedis(t)
  const system = await testSystem(t)
  const connected = nextEvent(system.events, 'mirror:connected')
  startMirror(t, system, redis.url, { streamLength: 100 })
  system.startTick()
  await connected
  await system.pool.query(`
    insert into pgbeat.schedules (name, task_name, cron_expression)
    select 'bulk ' || n, 'echo', '0 0 1 1 *' from generate_series(1, 1000) n`)
  await caughtUp(system)
  const consumer = await consume(t, redis)
  const { length } = await consumer.entries()
  t.ok(length >= 100 && length < 400, `${length} entries`)
  t.match(await system.row('select count(*)::int as kept from pgbeat.mirrored_events'), { kept: 100 })
})
