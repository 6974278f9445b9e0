import type { Events } from '../events.ts'
import type { Db } from '../store/tables.ts'

export interface TickOptions {
  readonly db: Db
  readonly events: Events
}

/** A step of a pass, as one transaction: what it locks it has written before it lets go. */
export async function step<Result>({ db }: TickOptions, work: (trx: Db) => Promise<Result>): Promise<Result> {
  return db.transaction().setIsolationLevel('read committed').execute(work)
}
