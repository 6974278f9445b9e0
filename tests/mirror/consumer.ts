import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { streamOf } from '../../src/mirror/append.ts'
import type { TestRedis } from '../support/redis.ts'

export const channel = 'celery_beat_schedule_updates'

interface Entry {
  readonly id: string
  readonly event_type: string
  readonly schedule_id: string
  readonly timestamp: string
  readonly event_id: string
}

/** An application at the other end of the mirror. */
export interface Consumer {
  /** What it has heard on the channel, in the order in which it came. */
  readonly heard: { readonly event_type: string; readonly schedule_id: string; readonly timestamp: string }[]
  /** Resolves once it has heard so many. */
  hears(count: number): Promise<void>
  /** All that the stream has. */
  entries(): Promise<Entry[]>
  publish(message: string): Promise<void>
  readonly redis: Redis
}

/** @param retryMs how long it takes to connect again when Redis is back */
export async function consume(
  t: Pick<Test, 'teardown'>,
  { url }: Pick<TestRedis, 'url'>,
  { retryMs = 20 } = {},
): Promise<Consumer> {
  const options = { retryStrategy: () => retryMs, maxRetriesPerRequest: null }
  const redis = new Redis(url, options)
  const subscriber = new Redis(url, options)
  for (const client of [redis, subscriber]) {
    client.on('error', () => {})
    t.teardown(() => client.disconnect())
  }
  const heard: Consumer['heard'] = []
  const waiting = new Set<() => void>()
  subscriber.on('message', (_channel, message) => {
    heard.push(JSON.parse(message))
    for (const look of waiting) look()
  })
  await subscriber.subscribe(channel)
  return {
    heard,
    redis,
    hears: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (heard.length < count) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    async entries() {
      const found = await redis.xrange(streamOf(channel), '-', '+')
      return found.map(([id, fields]) => ({ id, ...toObject(fields) }) as Entry)
    },
    async publish(message) {
      await redis.publish(channel, message)
    },
  }
}

function toObject(fields: readonly string[]): Record<string, string | undefined> {
  const names = fields.filter((_, index) => index % 2 === 0)
  return Object.fromEntries(names.map((name, index) => [name, fields[index * 2 + 1]]))
}
