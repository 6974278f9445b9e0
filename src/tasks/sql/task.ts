import pg from 'pg'
import { PermanentError } from '../../errors.ts'
import { defineTask, type Task, type TaskContext } from '../../task.ts'
import { loginCheck } from './doctor.ts'
import { type SqlPayload, sqlPayload } from './payload.ts'
import { borrowSession, openSession, type Session } from './session.ts'
import { type Environment, readSqlSettings, roleFor } from './settings.ts'
import { type StatementResult, sendStatement } from './statement.ts'

export interface SqlTaskOptions {
  /** Read at each run. Default: the process's. */
  readonly environment?: () => Environment
}

/** The task with its surroundings chosen. */
export function createSqlTask({ environment = () => process.env }: SqlTaskOptions = {}): Task<SqlPayload> {
  return defineTask({
    name: 'sql',
    description: 'Runs an SQL statement; off unless PGBEAT_SQL_TASK_ENABLED is true',
    payload: sqlPayload,
    checks: [loginCheck],
    run: (context) => runStatement(context, environment()),
  })
}

/** `sql`, as a worker registers it. */
export const sqlTask = createSqlTask()

/** How long Postgres may take to say that it has ended a statement, before the connection is given up. */
const graceMs = 2_000

type Context = TaskContext<SqlPayload>

async function runStatement(context: Context, environment: Environment): Promise<StatementResult> {
  const { payload, signal, db } = context
  const settings = readSqlSettings(environment)
  const role = roleFor(payload, settings)
  signal.throwIfAborted()
  const session = settings.url === undefined ? await borrowSession(db) : await openSession(settings.url)
  try {
    return await orCancelled(session, signal, inTransaction(context, session, role))
  } finally {
    await session.close()
  }
}

async function inTransaction(
  context: Context,
  { client }: Session,
  role: string | undefined,
): Promise<StatementResult> {
  const { payload, run } = context
  const timeoutMs = Math.ceil(payload.timeout_seconds * 1_000)
  await client.query(`begin isolation level ${payload.isolation} read ${payload.read_only ? 'only' : 'write'}`)
  await client.query(
    `select set_config('statement_timeout', $1, true), set_config('pgbeat.run_id', $2, true),
      set_config('pgbeat.scheduled_for', $3, true)`,
    [timeoutMs.toString(), run.id, run.scheduledFor.toISOString()],
  )
  if (role !== undefined) await client.query(`set local role ${pg.escapeIdentifier(role)}`)
  const startedAt = performance.now()
  try {
    const result = await sendStatement(client, payload)
    // What is checked at the end of a transaction is checked by the role that caused it.
    await client.query('commit')
    return result
  } catch (error) {
    if (isEnded(error) && performance.now() - startedAt >= timeoutMs) {
      throw new PermanentError('statement_timeout', `the statement took more than ${payload.timeout_seconds} s`)
    }
    throw error
  }
}

/** Has Postgres end the statement once the signal is aborted. */
async function orCancelled<Result>(session: Session, signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const { promise: givenUp, reject } = Promise.withResolvers<never>()
  let timer: NodeJS.Timeout | undefined
  const onAbort = () => {
    timer = setTimeout(() => reject(signal.reason), graceMs)
    session.cancel().catch(() => reject(signal.reason))
  }
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([work, givenUp])
  } catch (error) {
    // A statement that was over before it could be ended has failed for its own reason.
    throw isEnded(error) && signal.aborted ? signal.reason : error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    work.catch(() => {})
  }
}

function isEnded(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '57014'
}
