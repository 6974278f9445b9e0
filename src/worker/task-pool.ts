import type pg from 'pg'
import { openPool } from '../store/database.ts'

export interface TaskPoolOptions {
  readonly connectionString: string
  readonly concurrency: number
}

/** The connections that tasks are given. */
export interface TaskPool {
  readonly pool: pg.Pool
  /** A task that is not waited for any more keeps no connection: those that are lent out are closed under it. */
  end(): Promise<void>
}

/**
 * A pool apart from the history's: tasks that wait for each other's connections can't keep an outcome from being kept.
 */
export function openTaskPool({ connectionString, concurrency }: TaskPoolOptions): TaskPool {
  const maxConnections = concurrency + 2
  const pool = openPool({ connectionString, applicationName: 'pgbeat tasks', maxConnections, readsSlowly: true })
  const lent = new Set<pg.PoolClient>()
  pool.on('acquire', (client) => lent.add(client))
  pool.on('release', (_error, client) => lent.delete(client))
  return {
    pool,
    async end() {
      if (lent.size === 0) return pool.end()
      // It would wait for what may never be given back.
      pool.end().catch(() => {})
      await Promise.all([...lent].map((client) => (client as unknown as pg.Client).end()))
    },
  }
}
