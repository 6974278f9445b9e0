import { readEnvironment } from '../config/read-config.ts'
import { type Limits, limit, openPool, overPool } from '../store/database.ts'
import { isServedDirectly } from '../store/pooler.ts'
import { type ReadTasks, TaskFiles } from '../tasks/files/task-files.ts'
import type { Patient } from './check.ts'

/** Less than a check may take, so that it can tell what it waited for. */
const patienceMs = 4_000

/** So that Postgres ends a statement before its connection is given up, and nobody is left waiting for a lock. */
const limits: Limits = { statementMs: 3_500, lockMs: 3_500, pauseMs: 3_500 }

/** Nothing is connected to before a check asks for it. */
export function openPatient(environment: NodeJS.ProcessEnv): Patient & { end(): Promise<void> } {
  const { config } = readEnvironment(environment)
  const connectionString = config.DATABASE_URL ?? ''
  const pool = openPool({
    connectionString,
    applicationName: 'pgbeat doctor',
    maxConnections: 4,
    connectTimeoutMs: patienceMs,
    answerTimeoutMs: patienceMs,
    onConnect: async (session) => {
      // A pooler would hand the limits on to others.
      if (await isServedDirectly(session)) await limit(session, limits)
    },
  })
  let tasks: Promise<ReadTasks> | undefined
  const readTasks = () => {
    tasks ??= new TaskFiles(config.PGBEAT_TASKS).read()
    return tasks
  }
  return { environment, config, connectionString, readTasks, db: overPool(pool), end: () => pool.end() }
}
