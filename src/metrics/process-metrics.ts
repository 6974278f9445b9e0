import { collectDefaultMetrics, Registry } from 'prom-client'

let registry: Registry | undefined

/** What this process uses of its machine: one registry, however many roles it plays. Standard names, without our prefix. */
export function processMetrics(): Registry {
  if (registry !== undefined) return registry
  registry = new Registry()
  collectDefaultMetrics({ register: registry })
  // Gauges whose names say that they are counters; what they count is in nodejs_active_* by type.
  for (const name of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${name}_total`)
  return registry
}
