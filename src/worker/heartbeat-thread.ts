import { parentPort, workerData } from 'node:worker_threads'
import { openPool, overPool } from '../store/database.ts'
import { beat, leave, type Node } from '../store/nodes.ts'

export interface HeartbeatData {
  readonly connectionString: string
  readonly node: Node
  readonly isDraining: boolean
}

const everyMs = 1_000
/** A beat that is not answered is sent again on another connection, before the node would count as dead. */
const patienceMs = 2_000

/** What the database says with each beat. */
export interface Beat {
  readonly isDraining: boolean
}

const { connectionString, node, ...initial } = workerData as HeartbeatData
let { isDraining } = initial
const pool = openPool({
  connectionString,
  applicationName: `pgbeat heartbeat ${node.id}`,
  maxConnections: 1,
  answerTimeoutMs: patienceMs,
  connectTimeoutMs: patienceMs,
})
const db = overPool(pool)
let timer: NodeJS.Timeout | undefined

async function keepBeating(): Promise<void> {
  try {
    isDraining = await beat(db, node, isDraining)
    parentPort?.postMessage({ isDraining } satisfies Beat)
  } catch {
    // Postgres is away. The main thread says so; the next beat may find it back.
  }
  timer = setTimeout(keepBeating, everyMs)
}

parentPort?.once('message', async () => {
  clearTimeout(timer)
  await leave(db, node.id).catch(() => {})
  await pool.end()
  process.exit()
})
await keepBeating()
