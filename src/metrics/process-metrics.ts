import { collectDefaultMetrics, Registry } from 'prom-client'
import { replaceEventLoopLag } from './event-loop-lag.ts'

/** The longest that a timer takes: its only use is not to be woken. */
const neverMs = 2 ** 31 - 1

let registry: Registry | undefined

/** What this process uses of its machine: one registry, however many roles it plays. Standard names, without our prefix. */
export function processMetrics(): Registry {
  if (registry !== undefined) return registry
  registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: neverMs })
  // Gauges whose names say that they are counters; what they count is in nodejs_active_* by type.
  for (const name of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${name}_total`)
  replaceEventLoopLag(registry)
  return registry
}
