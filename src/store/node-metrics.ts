import { sql } from 'kysely'
import { isAlive } from './nodes.ts'
import type { Db, NodeKind } from './tables.ts'

export type Labels = Readonly<Record<string, string | number>>

/** One metric of a process, with each set of labels once, however many buckets a histogram has. */
export type MetricFigures = ScalarFigures | HistogramFigures

interface ScalarFigures {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly values: readonly (readonly [labels: Labels, value: number])[]
}

interface HistogramFigures {
  readonly name: string
  readonly help: string
  readonly type: 'histogram'
  /** Upper bounds of the buckets; a last one without bound comes besides. */
  readonly bounds: readonly number[]
  /** `counts`: how many values are at or below each bound, and how many there are. */
  readonly values: readonly (readonly [labels: Labels, counts: readonly number[], sum: number])[]
}

/** Writes what a node has counted; answers false when the node's row is not there (yet). */
export async function writeNodeMetrics(db: Db, nodeId: string, metrics: readonly MetricFigures[]): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into pgbeat.node_metrics (node_id, metrics)
    select id, ${JSON.stringify(metrics)}::jsonb from pgbeat.nodes where id = ${nodeId}
    on conflict (node_id) do update set metrics = excluded.metrics, published_at = excluded.published_at`.execute(db)
  return numAffectedRows === 1n
}

export interface NodeMetrics {
  readonly kind: NodeKind
  readonly host: string
  readonly pid: number
  readonly metrics: readonly MetricFigures[]
}

/** What the nodes that are alive have counted, the latest last. */
export async function readNodeMetrics(db: Db): Promise<NodeMetrics[]> {
  const { rows } = await sql<NodeMetrics>`
    select n.kind, n.host, n.pid, m.metrics
    from pgbeat.nodes n join pgbeat.node_metrics m on m.node_id = n.id
    where ${isAlive}
    order by m.published_at`.execute(db)
  return rows
}
