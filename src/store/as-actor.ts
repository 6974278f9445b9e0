import { sql } from 'kysely'
import { asRefusal } from './refusal.ts'
import type { Db } from './tables.ts'

/** Who does something, for the audit trail, and what they say about it. */
export interface Actor {
  readonly name: string
  readonly note?: string | undefined
}

/**
 * Somebody else may have a schedule locked for as long as a transaction lasts; nobody waits for that. For the tick they do,
 * which has those of a crowd locked for 2.5 s at most.
 */
const longestLockWait = '3s'

/**
 * Does something in one transaction in somebody's name; in the one that there is, where there is one.
 * @throws Refused
 */
export async function asActor<Result>(db: Db, actor: Actor, work: (trx: Db) => Promise<Result>): Promise<Result> {
  const settings = { 'pgbeat.actor': actor.name, 'pgbeat.note': actor.note ?? '' }
  try {
    return await inTransaction(db, settings, work)
  } catch (error) {
    throw asRefusal(error)
  }
}

/** One transaction for all that is done with `trx`. It waits for locks for a while only. */
export async function asTransaction<Result>(db: Db, work: (trx: Db) => Promise<Result>): Promise<Result> {
  return inTransaction(db, {}, work)
}

async function inTransaction<Result>(
  db: Db,
  settings: Readonly<Record<string, string>>,
  work: (trx: Db) => Promise<Result>,
): Promise<Result> {
  if (db.isTransaction) {
    await set(db, settings)
    return work(db)
  }
  return db.transaction().execute(async (trx) => {
    await set(trx, { ...settings, lock_timeout: longestLockWait })
    return work(trx)
  })
}

/** For the rest of the transaction. */
async function set(trx: Db, settings: Readonly<Record<string, string>>): Promise<void> {
  await sql`
    select set_config(name, value, true)
    from unnest(${Object.keys(settings)}::text[], ${Object.values(settings)}::text[]) as setting(name, value)`.execute(
    trx,
  )
}
