import { setTimeout as delay } from 'node:timers/promises'
import { describeNode } from '../node.ts'
import { type MetricFigures, type NodeMetrics, readNodeMetrics } from '../store/node-metrics.ts'
import { isUnavailable } from '../store/postgres-errors.ts'
import type { Db } from '../store/tables.ts'
import { databaseAway, databaseFigures } from './database-metrics.ts'
import { labelled, toText } from './figures.ts'
import type { Metrics } from './metrics.ts'

/** A scrape is given up by Prometheus after 10 s; what this process knows by itself is to come before. */
const patienceMs = 5_000

/**
 * The metrics of the whole cluster in Prometheus' text format: what all live nodes have published, each series with the
 * label `node`, and gauges that are read from the database now. This process's own figures are those of this moment. While
 * Postgres is away they are all there is, and `pgbeat_database_up` is 0.
 */
export async function renderMetrics(db: Db, metrics: Metrics): Promise<{ contentType: string; body: string }> {
  const [own, { nodes, database }] = await Promise.all([figuresHere(metrics), readInTime(db)])
  // By name, so that a worker that another one has replaced in its process is not there twice: the latest counts.
  const byName = new Map<string, readonly MetricFigures[]>()
  for (const node of [...nodes, ...own]) byName.set(nodeName(node), node.metrics)
  return toText([...database, ...[...byName].flatMap(([node, figures]) => labelled(figures, { node }))])
}

function nodeName({ kind, host, pid }: Omit<NodeMetrics, 'metrics'>): string {
  return `${kind}-${host}-${pid}`
}

async function figuresHere(metrics: Metrics): Promise<NodeMetrics[]> {
  return Promise.all(
    metrics.roles().map(async (role) => ({
      ...describeNode(role),
      metrics: [...(await metrics.figures(role)), ...(await metrics.processFigures(role))],
    })),
  )
}

async function readInTime(db: Db): Promise<{ nodes: NodeMetrics[]; database: MetricFigures[] }> {
  const patience = new AbortController()
  const outOfPatience = delay(patienceMs, nothing, { signal: patience.signal }).catch(() => nothing)
  try {
    return await Promise.race([read(db).catch(nothingWhileAway), outOfPatience])
  } finally {
    patience.abort()
  }
}

async function read(db: Db): Promise<{ nodes: NodeMetrics[]; database: MetricFigures[] }> {
  return { nodes: await readNodeMetrics(db), database: await databaseFigures(db) }
}

const nothing = { nodes: [], database: databaseAway }

function nothingWhileAway(error: unknown): typeof nothing {
  if (isUnavailable(error)) return nothing
  throw error
}
