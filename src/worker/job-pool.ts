import type pg from 'pg'
import { openPool } from '../store/database.ts'

export interface JobPoolOptions {
  readonly connectionString: string
  /** No connection is given out before this resolves. */
  readonly registered: Promise<void>
}

/** By then a worker whose network is silent counts as dead, and what it had asked for was taken back. */
const answerTimeoutMs = 20_000

/** One listens, one fetches, and two complete. */
const maxConnections = 4

/** The connections that graphile-worker takes jobs with. */
export function openJobPool({ connectionString, registered }: JobPoolOptions): pg.Pool {
  const pool = openPool({
    connectionString,
    applicationName: 'pgbeat jobs',
    maxConnections,
    answerTimeoutMs,
    onConnect: () => registered,
  })
  // When the connection that it listens on breaks while it shuts down, graphile-worker releases it twice, and the error
  // that pg makes of that has nobody to catch it: it would end the process.
  const connect = pool.connect.bind(pool)
  const forgiving = (callback?: Parameters<typeof connect>[0]) =>
    callback === undefined
      ? connect()
      : connect((error, client, release) => callback(error, client, ignoringRepeats(release)))
  pool.connect = forgiving as typeof pool.connect
  return pool
}

type Release = (error?: Error | boolean) => void

function ignoringRepeats(release: Release): Release {
  let isReleased = false
  return (error) => {
    if (!isReleased) release(error)
    isReleased = true
  }
}
