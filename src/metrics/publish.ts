import type { Running } from '../running.ts'
import { writeNodeMetrics } from '../store/node-metrics.ts'
import type { Node } from '../store/nodes.ts'
import type { Db } from '../store/tables.ts'
import type { Metrics } from './metrics.ts'

const everyMs = 1_000
/** What the process uses of its machine changes all the time, and is no reason to write every second. */
const atLeastEveryMs = 5_000

export interface PublishOptions {
  readonly db: Db
  /** Its row in `pgbeat.nodes` may still be about to come. */
  readonly node: Pick<Node, 'id' | 'kind'>
  readonly metrics: Metrics
}

/**
 * Writes what a process has counted in a role into the database: within a second when it counted something, and every 5 s
 * besides. One that fails is made up for by the next. The row goes with the node's.
 */
export function publishMetrics({ db, node, metrics }: PublishOptions): Running {
  const leaveRole = metrics.enter(node.kind)
  let isStopped = false
  let published = ''
  let publishedAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let current = keepPublishing()
  return {
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await current
      leaveRole()
    },
  }

  async function keepPublishing(): Promise<void> {
    await publish().catch(() => {
      // Postgres is away, and whoever can't do without it says so.
    })
    if (!isStopped) {
      timer = setTimeout(() => {
        current = keepPublishing()
      }, everyMs)
    }
  }

  async function publish(): Promise<void> {
    const own = await metrics.figures(node.kind)
    const text = JSON.stringify(own)
    const now = performance.now()
    if (text === published && now - publishedAt < atLeastEveryMs) return
    if (!(await writeNodeMetrics(db, node.id, [...own, ...(await metrics.processFigures(node.kind))]))) return
    published = text
    publishedAt = now
  }
}
