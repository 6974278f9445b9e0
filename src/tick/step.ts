import type { Events } from '../events.ts'
import type { Db } from '../store/tables.ts'
import type { Pace } from './pace.ts'

export interface TickOptions {
  readonly db: Db
  /** Other sessions, which fire too when more is due than one batch takes. */
  readonly beside?: readonly Db[]
  readonly events: Events
  /** Whether something may be due; false saves asking. */
  readonly mayBeDue?: boolean
  /**
   * Of the steps that grow with what there is to do, and of asking what there is to do besides firing while there is
   * something to fire; left out, all of it is done in every pass.
   */
  readonly paces?: { readonly promote: Pace; readonly advance: Pace; readonly ask: Pace }
}

/** A step of a pass, as one transaction: what it locks it has written before it lets go. */
export async function step<Result>(
  { db }: Pick<TickOptions, 'db'>,
  work: (trx: Db) => Promise<Result>,
): Promise<Result> {
  return db.transaction().setIsolationLevel('read committed').execute(work)
}
