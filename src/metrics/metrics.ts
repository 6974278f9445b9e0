import type { Registry } from 'prom-client'
import type { Events } from '../events.ts'
import type { MetricFigures } from '../store/node-metrics.ts'
import type { NodeKind } from '../store/tables.ts'
import { type AnsweredRequest, apiMetrics } from './api-metrics.ts'
import { figuresOf } from './figures.ts'
import { processMetrics } from './process-metrics.ts'
import { tickMetrics } from './tick-metrics.ts'
import { workerMetrics } from './worker-metrics.ts'

/** What one process has counted since it started, apart for each role that it plays. */
export interface Metrics {
  readonly registries: Readonly<Record<NodeKind, Registry>>
  /** Counts a request of the API. */
  observeRequest(request: AnsweredRequest): void
  /** Says that this process plays a role, until what it answers is called. */
  enter(role: NodeKind): () => void
  /** The roles that it plays now. */
  roles(): NodeKind[]
  /** The figures of a role. */
  figures(role: NodeKind): Promise<MetricFigures[]>
  /** Those of the process itself, which are shown once, with the role that it has played for longest; else none. */
  processFigures(role: NodeKind): Promise<MetricFigures[]>
}

/** Counts from now on what happens in this process. One for each process: it hears all that its events tell. */
export function createMetrics(events: Events): Metrics {
  const { registry: api, observeRequest } = apiMetrics()
  const registries = { tick: tickMetrics(events), worker: workerMetrics(events), api }
  const entered: { role: NodeKind }[] = []
  return {
    registries,
    observeRequest,
    enter(role) {
      const entry = { role }
      entered.push(entry)
      return () => {
        const index = entered.indexOf(entry)
        if (index !== -1) entered.splice(index, 1)
      }
    },
    roles: () => [...new Set(entered.map(({ role }) => role))],
    figures: (role) => figuresOf(registries[role]),
    processFigures: async (role) => (entered[0]?.role === role ? figuresOf(processMetrics()) : []),
  }
}
