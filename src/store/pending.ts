import { sql } from 'kysely'
import { missedAfterMs } from '../core/decide.ts'
import { activeWindow } from './active-window.ts'
import type { Db } from './tables.ts'

/** What there is to do besides firing what is on time. */
export interface Pending {
  /** Schedules with an instant that was missed. */
  readonly late: boolean
  readonly unplanned: boolean
  readonly waiting: boolean
  readonly lapses: boolean
  readonly listings: boolean
  readonly backfills: boolean
}

/**
 * Asks for all of it at once; each answer comes from an index and none depends on how many rows or partitions there are.
 */
export async function whatIsPending(db: Db): Promise<Pending> {
  const isInWindow = await activeWindow(db)
  const { rows } = await sql<Pending>`
    select
      coalesce((
        select next_run_at from pgbeat.schedules where enabled and next_run_at is not null order by next_run_at limit 1
      ) < pgbeat.clock() - ${missedAfterMs} * interval '1 millisecond', false) as late,
      exists (select from pgbeat.schedules where enabled and next_run_at is null and error is null) as unplanned,
      exists (select from pgbeat.runs where status = 'waiting' and ${isInWindow('runs')}) as waiting,
      exists (select from pgbeat.lapses) as lapses,
      exists (select from pgbeat.backfills where status = 'listing') as listings,
      exists (select from pgbeat.backfills where status = 'running') as backfills`.execute(db)
  return rows[0] as Pending
}
