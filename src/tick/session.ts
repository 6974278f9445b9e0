import type pg from 'pg'
import { type Limits, limit, neverScan, openPool, overPool } from '../store/database.ts'
import { lockDue, untilDue } from '../store/due-schedules.ts'
import { fire } from '../store/firing.ts'
import { whatIsPending } from '../store/pending.ts'
import type { Db } from '../store/tables.ts'
import { step } from './step.ts'

const limits: Limits = {
  /** Far longer than any of them takes; a pass is made of many. */
  statementMs: 10_000,
  /** The statements of a tick pass over what others have locked. Should one have to wait all the same, others must not. */
  lockMs: 500,
  /** A tick that is frozen in the middle of firing gives the schedules free again, even if there is no other one. */
  pauseMs: 5_000,
}
/** Postgres ends statements before this; a session that says nothing at all is out of reach. */
export const answerTimeoutMs = limits.statementMs + 2_000

/** Makes a connection ready to fire. */
export async function prepareSession(session: pg.ClientBase): Promise<void> {
  await limit(session, limits)
  await neverScan(session)
}

/** Has a session read what Postgres must know of the tables before it matters: the first batch would wait for that. */
export async function warmUp(db: Db): Promise<void> {
  await step({ db }, async (trx) => {
    await lockDue(trx, { late: false, limit: 0 })
    await fire(trx, [], { mayExist: false })
  })
  await whatIsPending(db)
  await untilDue(db)
}

/** Those of a pool that nobody needs are closed then. */
export const longestIdleMs = 600_000

/** Sessions that fire beside the leader's own; each is opened when it is first needed. */
export function openBeside(
  connectionString: string,
  { applicationName, maxConnections }: { readonly applicationName: string; readonly maxConnections: number },
): { readonly db: Db; end(): Promise<void> } {
  const pool = openPool({
    connectionString,
    applicationName,
    maxConnections,
    answerTimeoutMs,
    idleTimeoutMs: longestIdleMs,
    onConnect: prepareSession,
  })
  return { db: overPool(pool), end: () => pool.end() }
}
