import type pg from 'pg'
import { openSession } from './database.ts'

/** Between Postgres and us something hands out backends by transaction; what belongs to a session is lost or somebody else's. */
export class PoolerError extends Error {
  override readonly name = 'PoolerError'

  constructor() {
    super(
      "what answers here looks like a pooler in transaction mode (PgBouncer's pool_mode=transaction): the leader's lock and LISTEN need a session of their own; connect to Postgres directly, or through a pooler in session mode",
    )
  }
}

const patienceMs = 2_000
/** Others may borrow the backend just when it would have shown itself. */
const mostTrials = 3

/**
 * Makes sure that a session has its backend to itself.
 *
 * Postgres tells each client the process that serves it. A pooler tells it something of its own, and then it takes a
 * trial: in transaction mode the next statement may meet another backend, and somebody else may meet this one.
 * @throws PoolerError
 */
export async function requireOwnBackend(session: pg.ClientBase, connectionString: string): Promise<void> {
  if (await isServedDirectly(session)) return
  const another = await openSession(connectionString, 'pgbeat', { answerTimeoutMs: patienceMs }).catch(() => undefined)
  // A pooler in session mode that has no backend left for another one keeps it waiting.
  if (another === undefined) return
  try {
    for (let trial = 1; trial <= mostTrials; trial += 1) if (await isShared(session, another)) throw new PoolerError()
  } finally {
    await another.end()
  }
}

/** Whether no pooler is in between: what is set for a session can't meet anybody else then. */
export async function isServedDirectly(session: pg.ClientBase): Promise<boolean> {
  const { processID } = session as unknown as { processID: number }
  return (await backendOf(session)) === processID
}

/** What there is to say to somebody who can do without sessions, but should know that there are none. */
export async function findPooler(connectionString: string): Promise<PoolerError | undefined> {
  const session = await openSession(connectionString, 'pgbeat', { answerTimeoutMs: patienceMs })
  try {
    await requireOwnBackend(session, connectionString)
    return undefined
  } catch (error) {
    if (error instanceof PoolerError) return error
    throw error
  } finally {
    await session.end()
  }
}

async function isShared(session: pg.ClientBase, another: pg.ClientBase): Promise<boolean> {
  // Where backends are handed out in turns the second answer differs; where they are not, another one gets ours.
  const backend = await backendOf(session)
  if ((await backendOf(session)) !== backend) return true
  await another.query('begin')
  if ((await backendOf(another)) === backend || (await backendOf(session)) !== backend) return true
  await another.query('rollback')
  return false
}

async function backendOf(session: pg.ClientBase): Promise<number> {
  const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid')
  return rows[0]?.pid as number
}
