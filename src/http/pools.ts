import { openPool } from '../store/database.ts'
import { overPreparing, preparingSeconds } from '../store/prepared-statements.ts'
import type { Db } from '../store/tables.ts'

/** What an API process asks of Postgres, apart from each other: who waits for a lock or a slow answer holds up only its kind. */
export interface ApiPools {
  readonly reads: Db
  /** They may wait for somebody else's locks. */
  readonly writes: Db
  /** What requests need to know beforehand: whose key it is, which tasks have workers. */
  readonly lookups: Db
  /** Figures for `/stats` and `/metrics`. */
  readonly figures: Db
  /** What this process says of itself. */
  readonly node: Db
  end(): Promise<void>
}

const kinds = {
  reads: { maxConnections: 5, statementTimeoutMs: 15_000 },
  writes: { maxConnections: 5, statementTimeoutMs: 15_000 },
  lookups: { maxConnections: 2, statementTimeoutMs: 2_000 },
  figures: { maxConnections: 2, statementTimeoutMs: 5_000 },
  node: { maxConnections: 2, statementTimeoutMs: 5_000 },
}

/** A server that ends statements in time answers within this; a connection on which none comes is given up. */
const graceMs = 5_000
/** A new connection plans everything anew; those that were closed after 10 s made the slowest requests. */
const idleTimeoutMs = 600_000

export function openPools(connectionString: string): ApiPools {
  const open = (kind: keyof typeof kinds) => {
    const { statementTimeoutMs } = kinds[kind]
    const applicationName = `pgbeat api ${kind}`
    const answerTimeoutMs = statementTimeoutMs + graceMs
    return openPool({
      connectionString,
      applicationName,
      answerTimeoutMs,
      idleTimeoutMs,
      lifetimeSeconds: preparingSeconds,
      ...kinds[kind],
    })
  }
  const pools = {
    reads: open('reads'),
    writes: open('writes'),
    lookups: open('lookups'),
    figures: open('figures'),
    node: open('node'),
  }
  return {
    reads: overPreparing(pools.reads),
    writes: overPreparing(pools.writes),
    lookups: overPreparing(pools.lookups),
    figures: overPreparing(pools.figures),
    node: overPreparing(pools.node),
    async end() {
      await Promise.all(Object.values(pools).map((pool) => pool.end()))
    },
  }
}
