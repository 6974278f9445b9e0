import { Counter, type Registry } from 'prom-client'
import type { Events } from '../events.ts'

/** Counts the failures of components. */
export function countFailures(events: Events, register: Registry, components: readonly string[]): void {
  const failures = new Counter({
    name: 'pgbeat_component_failures_total',
    help: 'How often a part of the process failed and tried again: Postgres was away or its connection broke, or a lock was held for too long',
    labelNames: ['component'],
    registers: [register],
  })
  for (const component of components) failures.inc({ component }, 0)
  events.on('component:failed', ({ component }) => {
    if (components.includes(component)) failures.inc({ component })
  })
}
