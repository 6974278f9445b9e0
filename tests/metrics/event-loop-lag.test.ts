import { setImmediate as turn } from 'node:timers/promises'
import { Registry } from 'prom-client'
import t from 'tap'
import { replaceEventLoopLag } from '../../src/metrics/event-loop-lag.ts'

const blockedMs = 60

/** Seconds, by the names of the metrics. */
async function lagOf(registry: Registry): Promise<Record<string, number>> {
  const metrics = await registry.getMetricsAsJSON()
  return Object.fromEntries(metrics.map(({ name, values }) => [name, values[0]?.value ?? Number.NaN]))
}

function block(): void {
  const until = performance.now() + blockedMs
  while (performance.now() < until);
}

t.test('every turn of the event loop counts, by itself', async (t) => {
  const registry = new Registry()
  replaceEventLoopLag(registry)
  for (let turns = 0; turns < 200; turns += 1) await turn()
  block()
  await turn()
  const lag = await lagOf(registry)
  t.ok((lag.nodejs_eventloop_lag_max_seconds ?? 0) >= 0.9 * (blockedMs / 1_000), 'the one that was blocked')
  t.ok((lag.nodejs_eventloop_lag_p50_seconds ?? 1) < 0.009, 'the others took nothing')
  await turn()
  await turn()
  t.ok(((await lagOf(registry)).nodejs_eventloop_lag_max_seconds ?? 1) < 0.9 * (blockedMs / 1_000), 'it is told once')
})

t.test('asked twice at once it has nothing new to say, and says the same', async (t) => {
  const registry = new Registry()
  replaceEventLoopLag(registry)
  await turn()
  await turn()
  const [one, other] = await Promise.all([lagOf(registry), lagOf(registry)])
  t.same(other, one)
  t.ok(Object.values(other).every(Number.isFinite))
})
