import { sql } from 'kysely'
import { asRefusal } from './refusal.ts'
import type { Db } from './tables.ts'

/** Who does something, for the audit trail, and what they say about it. */
export interface Actor {
  readonly name: string
  readonly note?: string | undefined
}

/** Somebody else may have a schedule locked for as long as a transaction lasts; nobody waits for that. */
const longestLockWait = '3s'

/**
 * Does something in one transaction in somebody's name; in the one that there is, where there is one.
 * @throws Refused
 */
export async function asActor<Result>(db: Db, actor: Actor, work: (trx: Db) => Promise<Result>): Promise<Result> {
  try {
    return await asTransaction(db, async (trx) => {
      await sql`
        select set_config('pgbeat.actor', ${actor.name}, true), set_config('pgbeat.note', ${actor.note ?? ''}, true)`.execute(
        trx,
      )
      return work(trx)
    })
  } catch (error) {
    throw asRefusal(error)
  }
}

/** One transaction for all that is done with `trx`. It waits for locks for a while only. */
export async function asTransaction<Result>(db: Db, work: (trx: Db) => Promise<Result>): Promise<Result> {
  if (db.isTransaction) return work(db)
  return db.transaction().execute(async (trx) => {
    await sql`select set_config('lock_timeout', ${longestLockWait}, true)`.execute(trx)
    return work(trx)
  })
}
