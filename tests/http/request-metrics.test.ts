import t from 'tap'
import { createEvents } from '../../src/events.ts'
import type { AnsweredRequest } from '../../src/metrics/api-metrics.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { testApi } from './api.ts'
import { openStream } from './live/stream.ts'

/** An API, and what it counts of requests. */
async function countingApi(t: Parameters<typeof testApi>[0]) {
  const counted: AnsweredRequest[] = []
  const observeRequest = (request: AnsweredRequest) => counted.push(request)
  const api = await testApi(t, { metrics: { ...createMetrics(createEvents()), observeRequest } })
  const countOf = async (most: number) => {
    while (counted.length < most) await new Promise((resolve) => setImmediate(resolve))
    return counted.map(({ route, status }) => [route, status])
  }
  return { ...api, countOf }
}

t.test('each request is counted once, by its route and status', async (t) => {
  const { request, countOf } = await countingApi(t)
  await request('GET', '/schedules')
  await request('GET', '/schedules/nobody')
  await request('GET', '/made-up')
  t.same(await countOf(3), [
    ['/api/v1/schedules', 200],
    ['/api/v1/schedules/{id}', 404],
    ['unmatched', 404],
  ])
})

t.test('a stream is not a request that took hours, but one that is refused is counted', async (t) => {
  const { request, url, countOf } = await countingApi(t)
  const stream = await openStream(t, `${url}/api/v1/events`)
  stream.close()
  await stream.ended
  await request('GET', '/events?types=nonsense')
  await request('GET', '/schedules')
  t.same(await countOf(2), [
    ['/api/v1/events', 422],
    ['/api/v1/schedules', 200],
  ])
})

t.test('a request that is given up is counted as such', async (t) => {
  const { url, pool, countOf } = await countingApi(t)
  const locking = await pool.connect()
  await locking.query('begin; lock pgbeat.schedules')
  const giveUp = new AbortController()
  const asking = fetch(`${url}/api/v1/schedules`, { signal: giveUp.signal }).catch(() => {})
  const isWaiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  while ((await pool.query(isWaiting)).rowCount === 0) {}
  giveUp.abort()
  await asking
  t.same(await countOf(1), [['/api/v1/schedules', 499]])
  await locking.query('rollback')
  locking.release()
})
