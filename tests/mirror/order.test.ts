import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { createEvents } from '../../src/events.ts'
import { RedisUnusableError } from '../../src/mirror/link.ts'
import { Mirror, type MirrorOptions } from '../../src/mirror/mirror.ts'
import { startProcess } from '../support/process.ts'
import { startRedis, withoutRedis } from '../support/redis.ts'
import { type System, testSystem } from '../support/system.ts'
import { channel, consume } from './consumer.ts'
import { caughtUp, createSchedule } from './mirroring.ts'

const ofRedis = { skip: withoutRedis }

/** A mirror that makes a pass when it is told to. */
function byHand(t: Test, { db }: System, url: string, use?: MirrorOptions['link']['use']) {
  const redis = new Redis(url)
  t.teardown(() => redis.disconnect())
  const link = { use: use ?? ((command) => command(redis)) } satisfies MirrorOptions['link']
  const mirror = new Mirror({ db, link, channel, streamLength: 1_000, events: createEvents(), onPublish() {} })
  return { mirror, redis }
}

t.test('an answer that was lost is no reason to send anything twice', ofRedis, async (t) => {
  const redis = await startRedis(t)
  const [system, consumer] = [await testSystem(t), await consume(t, redis)]
  let isLosing = false
  const { mirror } = byHand(t, system, redis.url, async (command) => {
    const answer = await command(consumer.redis)
    if (isLosing) throw new RedisUnusableError(new Error('the answer was lost'))
    return answer
  })
  await mirror.pass()
  await createSchedule(system, 'a')
  isLosing = true
  await t.rejects(mirror.pass(), RedisUnusableError)
  await createSchedule(system, 'b')
  isLosing = false
  t.equal(await mirror.pass(), true)
  t.equal((await consumer.entries()).length, 2)
  await consumer.hears(2)
  t.match(await system.row('select sent::int from pgbeat.mirror'), { sent: 2 })
})

t.test(
  'two that mirror at the same time, of which one was frozen, send each event once and in order',
  ofRedis,
  async (t) => {
    const redis = await startRedis(t)
    const [system, consumer] = [await testSystem(t), await consume(t, redis)]
    const [one, other] = [byHand(t, system, redis.url).mirror, byHand(t, system, redis.url).mirror]
    for (let i = 0; i < 30; i += 1) {
      await Promise.all([createSchedule(system, `s${i}`), one.pass(), other.pass()])
      if (i % 3 === 0) await one.pass()
    }
    await Promise.all([one.pass(), other.pass()])
    const { rows } = await system.pool.query<{ id: string }>('select id from pgbeat.schedule_events order by id')
    const entries = await consumer.entries()
    t.same(
      entries.map(({ event_id }) => event_id),
      rows.map(({ id }) => id),
    )
    await consumer.hears(30)
    t.same(
      consumer.heard.map(({ schedule_id }) => schedule_id),
      entries.map(({ schedule_id }) => schedule_id),
    )
  },
)

t.test('a leader that is killed amid edits leaves no gap, and the next one repeats nothing', ofRedis, async (t) => {
  t.setTimeout(60_000)
  const redis = await startRedis(t)
  const [system, consumer] = [await testSystem(t), await consume(t, redis)]
  const env = { PGBEAT_REDIS_SYNC_ENABLED: 'true', REDIS_URL: redis.url }
  const first = startProcess(t, 'tick', system.connectionString, env)
  await first.logged('mirror connected')
  const second = startProcess(t, 'tick', system.connectionString, env)
  let isEditing = true
  const editing = (async () => {
    for (let i = 0; isEditing; i += 1) {
      const id = await createSchedule(system, `s${i}`)
      await system.pool.query(`update pgbeat.schedules set description = 'x' where id = $1`, [id])
    }
  })()
  await first.next('mirrored')
  await first.next('mirrored')
  await first.kill()
  await second.logged('mirror connected')
  await second.next('mirrored')
  isEditing = false
  await editing
  const { rows } = await system.pool.query<{ id: string; schedule_id: string }>(
    'select id, schedule_id from pgbeat.schedule_events order by id',
  )
  await consumer.hears(rows.length)
  t.same(
    (await consumer.entries()).map(({ event_id }) => event_id),
    rows.map(({ id }) => id),
  )
  t.same(
    consumer.heard.map(({ schedule_id }) => schedule_id),
    rows.map(({ schedule_id }) => schedule_id),
  )
})

t.test('a dump that was restored elsewhere goes on where it was', ofRedis, async (t) => {
  const redis = await startRedis(t)
  const [system, consumer] = [await testSystem(t), await consume(t, redis)]
  const { mirror } = byHand(t, system, redis.url)
  await createSchedule(system, 'a')
  await mirror.pass()
  // As if the transactions of where the dump was made had been far ahead of those here.
  await system.pool.query(`update pgbeat.mirror set system_identifier = 1, snapshot = '900000000:900000000:'`)
  await system.pool.query(`update pgbeat.schedule_events set xid = '800000000'`)
  await createSchedule(system, 'b')
  await mirror.pass()
  await createSchedule(system, 'c')
  await mirror.pass()
  const { rows } = await system.pool.query<{ id: string }>('select id from pgbeat.schedules order by name')
  t.same(
    (await consumer.entries()).map(({ schedule_id }) => schedule_id),
    rows.map(({ id }) => id),
  )
  await caughtUp(system)
})
