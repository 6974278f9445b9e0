import { readEnvironment } from '../config/read-config.ts'
import { openPool, overPool } from '../store/database.ts'
import type { Patient } from './check.ts'

/** Less than a check may take, so that it can tell what it waited for. */
const patienceMs = 4_000

/** Nothing is connected to before a check asks for it. */
export function openPatient(environment: NodeJS.ProcessEnv): Patient & { end(): Promise<void> } {
  const { config } = readEnvironment(environment)
  const connectionString = config.DATABASE_URL ?? ''
  const pool = openPool({
    connectionString,
    applicationName: 'pgbeat doctor',
    maxConnections: 4,
    connectTimeoutMs: patienceMs,
    statementTimeoutMs: patienceMs,
    answerTimeoutMs: patienceMs,
  })
  return { environment, config, connectionString, db: overPool(pool), end: () => pool.end() }
}
