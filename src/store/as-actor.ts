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
 * Does something in one transaction in somebody's name.
 * @throws Refused
 */
export async function asActor<Result>(db: Db, actor: Actor, work: (trx: Db) => Promise<Result>): Promise<Result> {
  try {
    return await db.transaction().execute(async (trx) => {
      await sql`
        select set_config('pgbeat.actor', ${actor.name}, true), set_config('pgbeat.note', ${actor.note ?? ''}, true),
          set_config('lock_timeout', ${longestLockWait}, true)`.execute(trx)
      return work(trx)
    })
  } catch (error) {
    throw asRefusal(error)
  }
}
