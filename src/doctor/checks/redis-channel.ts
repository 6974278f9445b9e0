import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Redis } from 'ioredis'
import { type Finding, fail, pass } from '../../finding.ts'
import type { Check } from '../check.ts'
import { quantity } from '../phrases.ts'
import { failureOf, withRedis } from '../redis.ts'

const patienceMs = 1_000

/**
 * Whether what is published comes to those who are subscribed. It does so on a channel of its own, with a message that is
 * no JSON: nobody takes it for an event.
 */
export const redisChannel: Check = {
  name: 'redis-channel',
  needs: 'redis',
  async look({ config }) {
    if (!config.PGBEAT_REDIS_SYNC_ENABLED) return pass('the mirror is off')
    const use = (publisher: Redis) =>
      withRedis(config, (subscriber) => roundTrip(publisher, subscriber, config.PGBEAT_REDIS_CHANNEL))
    return withRedis(config, use).catch(failureOf)
  },
}

async function roundTrip(publisher: Redis, subscriber: Redis, channel: string): Promise<Finding> {
  const probe = `${channel}:probe:${randomUUID()}`
  await subscriber.subscribe(probe)
  const message = `pgbeat doctor ${randomUUID()}`
  const startedAt = performance.now()
  const heard = once(subscriber, 'message', { signal: AbortSignal.timeout(patienceMs) }).then(
    ([, text]) => text === message,
    () => false,
  )
  await publisher.publish(probe, message)
  const isHeard = await heard
  const tookMs = performance.now() - startedAt
  if (!isHeard) {
    return fail(
      `what was published on ${probe} did not come back within ${patienceMs / 1_000} s`,
      'point REDIS_URL at one Redis, not at several behind an address; consumers can still read the stream',
    )
  }
  return pass(`publish and subscribe take ${tookMs.toFixed(1)} ms; ${await audienceOf(publisher, channel)}`)
}

async function audienceOf(redis: Redis, channel: string): Promise<string> {
  try {
    const [, count] = (await redis.pubsub('NUMSUB', channel)) as [string, number]
    return `${channel} has ${quantity(Number(count), 'subscriber')}, the tick that mirrors included`
  } catch {
    // A user of the mirror need not be allowed to ask.
    return `who is subscribed to ${channel} is not for this user to know`
  }
}
