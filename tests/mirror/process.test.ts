import t from 'tap'
import { testDatabase } from '../support/database.ts'
import { startProcess } from '../support/process.ts'
import { startRedis, withoutRedis } from '../support/redis.ts'
import { consume } from './consumer.ts'
import { createSchedule } from './mirroring.ts'

t.test(
  'a tick mirrors with the variables of what it replaces, and says that they are aliases',
  { skip: withoutRedis },
  async (t) => {
    const redis = await startRedis(t)
    const { connectionString, pool } = await testDatabase(t)
    const consumer = await consume(t, redis)
    const tick = startProcess(t, 'tick', connectionString, {
      CELERY_BEAT_REDIS_SYNC_ENABLED: 'true',
      CELERY_BEAT_REDIS_CHANNEL: 'celery_beat_schedule_updates',
      CELERY_BEAT_MIN_SYNC_INTERVAL: '1',
      REDIS_URL: redis.url,
    })
    t.match(await tick.logged(({ aliases }) => aliases !== undefined), {
      level: 40,
      aliases: { CELERY_BEAT_REDIS_SYNC_ENABLED: 'PGBEAT_REDIS_SYNC_ENABLED' },
    })
    await tick.logged('mirror on: it begins when this tick leads')
    await tick.logged('mirror connected')
    const id = await createSchedule({ pool }, 'a')
    await consumer.hears(1)
    t.match(consumer.heard, [{ event_type: 'schedule_created', schedule_id: id }])
    t.match(await tick.logged('mirrored'), { events: 1, receivers: 2 })
    const told = tick.next('mirror failed, will try again: scheduling goes on without it')
    await redis.kill()
    t.match(await told, { level: 40, lag: 0, err: { message: /^Redis can't be used: / } })
    t.equal(await tick.stop(), 0, 'it ends as ever, Redis or not')
  },
)

t.test('without the switch nothing is asked of Redis', async (t) => {
  const { connectionString } = await testDatabase(t)
  const tick = startProcess(t, 'tick', connectionString, { REDIS_URL: 'redis://127.0.0.1:1' })
  await tick.logged('mirror off: PGBEAT_REDIS_SYNC_ENABLED is not set')
  await tick.logged('this tick leads')
  t.equal(await tick.stop(), 0)
})
