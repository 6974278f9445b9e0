import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { mirror } from '../../src/doctor/checks/mirror.ts'
import { mirrorDrift } from '../../src/doctor/checks/mirror-drift.ts'
import { runMirror } from '../../src/mirror/run-mirror.ts'
import { readMirror } from '../../src/store/mirror.ts'
import { nextEvent } from '../support/events.ts'
import { startRedis, withoutRedis } from '../support/redis.ts'
import { testSystem } from '../support/system.ts'
import { lookAt } from './look-at.ts'

t.setTimeout(60_000)

const channel = 'c'

/** A system whose tick mirrors once it is started. */
async function mirroring(t: Test) {
  const server = await startRedis(t)
  const system = await testSystem(t)
  const { pool, events, connectionString } = system
  const redis = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: null })
  redis.on('error', () => {})
  t.teardown(() => redis.disconnect())
  const environment = {
    DATABASE_URL: connectionString,
    PGBEAT_REDIS_SYNC_ENABLED: 'true',
    REDIS_URL: server.url,
    PGBEAT_REDIS_CHANNEL: channel,
  }
  return {
    ...system,
    server,
    redis,
    look: (more: Record<string, string> = {}) => lookAt(mirror, { ...environment, ...more }),
    drift: (more: Record<string, string> = {}) => lookAt(mirrorDrift, { ...environment, ...more }),
    /** Answers how it is stopped. */
    async start() {
      const mirror = runMirror({
        connectionString,
        events,
        redisUrl: server.url,
        channel,
        streamLength: 10_000,
        minIntervalMs: 100,
      })
      t.teardown(() => mirror.stop())
      const connected = nextEvent(events, 'mirror:connected')
      const tick = system.startTick()
      await connected
      return async () => {
        await tick.stop()
        await mirror.stop()
      }
    },
    create: (name: string) =>
      pool.query(`insert into pgbeat.schedules (name, task_name, run_at) values ($1, 'echo', '2100-01-01')`, [name]),
    /** Resolves once the database says that something is so. */
    async until(isSo: (row: Awaited<ReturnType<typeof readMirror>>) => boolean) {
      while (!isSo(await readMirror(system.db))) {}
    },
  }
}

/** As if all events had happened so many seconds earlier. */
const age = (seconds: number) => `
  alter table pgbeat.schedule_events disable trigger user;
  update pgbeat.schedule_events set occurred_at = occurred_at - interval '${seconds} seconds';
  alter table pgbeat.schedule_events enable trigger user`

t.test('without a mirror there is nothing to look at', async (t) => {
  const system = await testSystem(t)
  for (const check of [mirror, mirrorDrift]) {
    t.same(await lookAt(check, { DATABASE_URL: system.connectionString }), {
      status: 'pass',
      message: 'the mirror is off',
    })
  }
})

t.test('somebody has to mirror', { skip: withoutRedis }, async (t) => {
  const { look, drift, start, create, until, pool } = await mirroring(t)
  t.match(await look(), { status: 'fail', message: 'no tick has ever mirrored', action: /every tick/ })
  t.match(await drift(), { status: 'skip', message: /see mirror/ })
  const stop = await start()
  await create('one')
  await until((row) => row.sent === 1 && row.seen_at !== null)
  t.match(await look(), { status: 'pass', message: 'a tick mirrors to c, and every event is copied' })
  t.match(await drift(), { status: 'pass', message: /^c:stream is where .*-1 with 1 entry$/ })
  t.match(await look({ PGBEAT_REDIS_CHANNEL: 'd' }), { status: 'warn', message: /mirrors to c, .* is d$/ })

  await stop()
  t.match(await look(), { status: 'pass' }, 'another one has time to begin')
  await create('two')
  await pool.query(`update pgbeat.mirror set seen_at = seen_at - interval '1 minute'`)
  t.match(await look(), { status: 'fail', message: /^no tick has mirrored for 6\d s; not copied yet: 1 event$/ })
  t.match(await look({ PGBEAT_REDIS_SYNC_ENABLED: 'false' }), { status: 'pass', message: 'the mirror is off' })
})

t.test('with Redis away it warns, and fails once events wait for long', { skip: withoutRedis }, async (t) => {
  const { look, drift, start, create, until, server, pool } = await mirroring(t)
  await start()
  await until((row) => row.seen_at !== null)
  await server.kill()
  await until((row) => row.failing_since !== null)
  t.match(await look(), { status: 'warn', message: /every event is copied: failing since .*Redis can't be used/ })
  t.match(await drift(), { status: 'skip', message: /see redis/ })
  await create('one')
  await pool.query(age(70))
  t.match(await look(), {
    status: 'fail',
    message: /1 event and 7\d s behind: failing since .*Z, Redis/,
    action: /mend/,
  })
  t.match(await look({ PGBEAT_REDIS_SYNC_ENABLED: 'false' }), { status: 'fail' }, 'whoever looks')
  await server.restart()
  await until((row) => row.failing_since === null && row.lag_events === 0)
  t.match(await look(), { status: 'pass' })
})

t.test('with Redis there, being behind is told from 10 s on', { skip: withoutRedis }, async (t) => {
  const { look, start, create, until, pool } = await mirroring(t)
  await start()
  await until((row) => row.seen_at !== null)
  const locker = await pool.connect()
  await locker.query('begin; select from pgbeat.mirror for update')
  await create('one')
  await pool.query(age(5))
  t.match(await look(), { status: 'pass' })
  await pool.query(age(10))
  t.match(await look(), { status: 'warn', message: /^a tick mirrors to c, 1 event and 1\d s behind$/, action: /redis/ })
  await pool.query(age(50))
  t.match(await look(), { status: 'fail', message: /1 event and 6\d s behind$/ })
  await locker.query('rollback')
  locker.release()
  await until((row) => row.lag_events === 0)
  t.match(await look(), { status: 'pass' })
})

t.test('a stream that Redis lost is behind until the leader has restored it', { skip: withoutRedis }, async (t) => {
  const { drift, start, create, until, redis } = await mirroring(t)
  const stop = await start()
  for (const name of ['one', 'two', 'three']) await create(name)
  await until((row) => row.sent === 3)
  await stop()
  await redis.flushall()
  const behind = /^c:stream is behind: its last entry is 0-0, and \d+-3 was sent; Redis has lost/
  t.match(await drift(), { status: 'fail', message: behind, action: /restores/ })
  const [found] = await Promise.all([drift(), start()])
  t.match(found, { status: 'pass', message: /-3 with 3 entries$/ }, 'a leader restores it while that is looked at')
})

t.test('a stream that somebody else writes to is ahead', { skip: withoutRedis }, async (t) => {
  const { drift, start, create, until, redis } = await mirroring(t)
  const stop = await start()
  await create('one')
  await until((row) => row.sent === 1)
  await stop()
  await redis.xadd('c:stream', '*', 'another', 'event')
  t.match(await drift(), { status: 'fail', message: /^c:stream is ahead: .*-1 is what this database has sent$/ })
  await start()
  await create('two')
  await until((row) => row.sent === 2)
  t.match(await drift(), { status: 'pass' })
})

t.test('a stream from which somebody takes entries is too short', { skip: withoutRedis }, async (t) => {
  const { drift, start, create, until, redis } = await mirroring(t)
  await start()
  for (const name of ['one', 'two', 'three']) await create(name)
  await until((row) => row.sent === 3)
  await redis.xtrim('c:stream', 'MAXLEN', 1)
  t.match(await drift(), {
    status: 'warn',
    message: 'c:stream has 1 entry, and should have 3 at least: somebody took some away',
  })
  t.match(await drift({ PGBEAT_REDIS_STREAM_LENGTH: '1' }), { status: 'pass' })
})

t.test('something else under the name of the stream fails', { skip: withoutRedis }, async (t) => {
  const { drift, start, create, until, redis } = await mirroring(t)
  const stop = await start()
  await create('one')
  await until((row) => row.sent === 1)
  await stop()
  await redis.set('c:stream', 'text')
  t.match(await drift(), { status: 'fail', message: /WRONGTYPE/, action: /name of the stream/ })
})
