import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { type Finding, fail, pass } from '../../finding.ts'
import type { Check } from '../check.ts'
import { failureOf, withRedis } from '../redis.ts'

/** Whether the Redis of the mirror answers, and takes writes. */
export const redis: Check = {
  name: 'redis',
  needs: 'nothing',
  uses: ['PGBEAT_REDIS_SYNC_ENABLED', 'REDIS_URL', 'PGBEAT_REDIS_CHANNEL'],
  async look({ config }) {
    if (!config.PGBEAT_REDIS_SYNC_ENABLED) return pass('the mirror is off')
    return withRedis(config, (redis) => useOnce(redis, config.PGBEAT_REDIS_CHANNEL)).catch(failureOf)
  },
}

async function useOnce(redis: Redis, channel: string): Promise<Finding> {
  const startedAt = performance.now()
  await redis.ping()
  const pingMs = performance.now() - startedAt
  const key = `${channel}:probe:${randomUUID()}`
  // Should it not get as far as deleting it, the key is gone all the same.
  await redis.set(key, key, 'PX', 10_000)
  const got = await redis.get(key)
  await redis.del(key)
  if (got !== key) {
    return fail(
      'Redis does not give back what it was given',
      'point REDIS_URL at one Redis, not at several behind an address',
    )
  }
  return pass(`${await versionOf(redis)} answers in ${pingMs.toFixed(1)} ms, and takes writes`)
}

async function versionOf(redis: Redis): Promise<string> {
  // A user of the mirror need not be allowed to ask.
  const info = await redis.info('server').catch(() => '')
  return `Redis ${/^redis_version:(\S*)/m.exec(info)?.[1] ?? 'of a version that it does not tell'}`
}
