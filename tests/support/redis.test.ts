import { Redis } from 'ioredis'
import t from 'tap'
import { startRedis, withoutRedis } from './redis.ts'

t.test('a Redis that is killed comes back on its port', { skip: withoutRedis }, async (t) => {
  for (const persistent of [true, false]) {
    const server = await startRedis(t, { persistent })
    await withClient(server.url, (redis) => redis.set('said', 'before'))
    await server.kill()
    await t.rejects(withClient(server.url, (redis) => redis.ping()))
    await server.restart()
    t.equal(await withClient(server.url, (redis) => redis.get('said')), persistent ? 'before' : null)
    await server.stop()
  }
})

async function withClient<Answer>(url: string, use: (redis: Redis) => Promise<Answer>): Promise<Answer> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => {})
  try {
    await redis.connect()
    return await use(redis)
  } finally {
    redis.disconnect()
  }
}
