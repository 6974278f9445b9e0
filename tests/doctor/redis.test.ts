import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { redis as redisCheck } from '../../src/doctor/checks/redis.ts'
import { redisChannel } from '../../src/doctor/checks/redis-channel.ts'
import { startRedis, withoutRedis } from '../support/redis.ts'
import { lookAt } from './look-at.ts'

t.setTimeout(60_000)

const mirroring = (url: string) => ({ PGBEAT_REDIS_SYNC_ENABLED: 'true', REDIS_URL: url, PGBEAT_REDIS_CHANNEL: 'c' })

async function connected(t: Test, url: string): Promise<Redis> {
  const redis = new Redis(url)
  redis.on('error', () => {})
  await once(redis, 'ready')
  t.teardown(() => redis.disconnect())
  return redis
}

t.test('without a mirror there is nothing to look at', async (t) => {
  for (const check of [redisCheck, redisChannel]) {
    t.same(await lookAt(check, {}), { status: 'pass', message: 'the mirror is off' })
  }
})

t.test('a Redis that works is told of, and left as it was', { skip: withoutRedis }, async (t) => {
  const { url } = await startRedis(t)
  const redis = await connected(t, url)
  t.match(await lookAt(redisCheck, mirroring(url)), {
    status: 'pass',
    message: /^Redis \d+\.\d+\.\d+ answers in \d+\.\d ms, and takes writes$/,
  })
  t.match(await lookAt(redisChannel, mirroring(url)), {
    status: 'pass',
    message: /take \d+\.\d ms; c has 0 subscribers/,
  })
  t.same(await redis.keys('*'), [])
})

t.test('no consumer can take the probe for an event', { skip: withoutRedis }, async (t) => {
  const { url } = await startRedis(t)
  const consumer = await connected(t, url)
  await consumer.subscribe('c')
  await consumer.psubscribe('*')
  const got: string[][] = []
  consumer.on('message', (...said: string[]) => got.push(said))
  const probed = once(consumer, 'pmessage')
  t.match(await lookAt(redisChannel, mirroring(url)), { status: 'pass', message: /c has 1 subscriber, / })
  const [, channel, message] = await probed
  t.match(channel, /^c:probe:[0-9a-f-]{36}$/)
  t.throws(() => JSON.parse(message))
  t.same(got, [])
})

t.test('a Redis that is killed fails, and passes once it is back', { skip: withoutRedis }, async (t) => {
  const server = await startRedis(t)
  await server.kill()
  for (const check of [redisCheck, redisChannel]) {
    t.match(await lookAt(check, mirroring(server.url)), {
      status: 'fail',
      message: /ECONNREFUSED/,
      action: /start Redis/,
    })
  }
  await server.restart()
  t.match(await lookAt(redisCheck, mirroring(server.url)), { status: 'pass' })
})

t.test('a host that there is not fails', async (t) => {
  t.match(await lookAt(redisCheck, mirroring('redis://nowhere.invalid:6379')), {
    status: 'fail',
    message: /nowhere\.invalid/,
  })
})

t.test('what accepts connections and never answers fails in time', async (t) => {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address() as { port: number }
  const startedAt = performance.now()
  const found = await lookAt(redisCheck, mirroring(`redis://127.0.0.1:${address.port}`))
  t.match(found, { status: 'fail', message: /timed out/i })
  t.ok(performance.now() - startedAt < 4_000)
})

t.test('a password that is missing or wrong fails', { skip: withoutRedis }, async (t) => {
  const { url } = await startRedis(t)
  const redis = await connected(t, url)
  await redis.config('SET', 'requirepass', 'secret')
  for (const wrong of [url, url.replace('//', '//:another@')]) {
    const found = await lookAt(redisCheck, mirroring(wrong))
    t.match(found, { status: 'fail', message: /NOAUTH|WRONGPASS/, action: /REDIS_URL: redis:\/\/user:password@/ })
    t.notMatch(found.message, 'another')
  }
  t.match(await lookAt(redisCheck, mirroring(url.replace('//', '//:secret@'))), { status: 'pass' })
})

t.test('a user without the rights fails', { skip: withoutRedis }, async (t) => {
  const { url } = await startRedis(t)
  const redis = await connected(t, url)
  const as = (user: string) => mirroring(url.replace('//', `//${user}:p@`))
  await redis.call('ACL', 'SETUSER', 'silent', 'on', '>p', '~c*', '&c*', '+@all', '-publish')
  await redis.call('ACL', 'SETUSER', 'deaf', 'on', '>p', '~c*', 'resetchannels', '+@all')
  await redis.call('ACL', 'SETUSER', 'reader', 'on', '>p', '~c*', '&c*', '+@all', '-@write')
  await redis.call('ACL', 'SETUSER', 'enough', 'on', '>p', '~c*', '&c*', '+@all', '-info', '-pubsub')
  for (const user of ['silent', 'deaf']) {
    t.match(await lookAt(redisCheck, as(user)), { status: 'pass' })
    t.match(await lookAt(redisChannel, as(user)), { status: 'fail', message: /NOPERM/, action: /ACL SETUSER/ }, user)
  }
  t.match(await lookAt(redisCheck, as('reader')), { status: 'fail', message: /NOPERM/, action: /ACL SETUSER/ })
  t.match(await lookAt(redisCheck, as('enough')), {
    status: 'pass',
    message: /^Redis of a version that it does not tell/,
  })
  t.match(await lookAt(redisChannel, as('enough')), { status: 'pass', message: /subscribed to c is not for/ })
})

t.test('a replica, and a Redis that is full, take no writes', { skip: withoutRedis }, async (t) => {
  const [primary, replica] = [await startRedis(t), await startRedis(t)]
  const redis = await connected(t, replica.url)
  await redis.config('SET', 'maxmemory', '1')
  t.match(await lookAt(redisCheck, mirroring(replica.url)), { status: 'fail', message: /OOM/, action: /maxmemory/ })
  await redis.config('SET', 'maxmemory', '0')
  await redis.replicaof('127.0.0.1', new URL(primary.url).port)
  t.match(await lookAt(redisCheck, mirroring(replica.url)), { status: 'fail', message: /READONLY|LOADING|MASTERDOWN/ })
})

t.test('messages that do not come back fail', { skip: withoutRedis }, async (t) => {
  const servers = [await startRedis(t), await startRedis(t)]
  // One behind the other, as behind an address that leads to several.
  let connections = 0
  const balancer = createServer((client) => {
    const { port } = new URL(servers[connections++ % 2]?.url ?? '')
    const upstream = connect(Number(port), '127.0.0.1')
    client.pipe(upstream).pipe(client)
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(balancer, 'listening')
  t.teardown(() => balancer.close())
  const { port } = balancer.address() as { port: number }
  const found = await lookAt(redisChannel, mirroring(`redis://127.0.0.1:${port}`))
  t.match(found, { status: 'fail', message: /did not come back within 1 s/ })
})
