import { sql } from 'kysely'
import type { Db } from './tables.ts'

/** Cancels the live runs of schedules that are not over, because another run takes their place. */
export async function cancelReplaced(db: Db, scheduleIds: readonly string[]): Promise<void> {
  await sql`
    select pgbeat.cancel_runs(array(
      select id from pgbeat.runs
      where schedule_id = any(${scheduleIds}::uuid[])
        and (status = 'waiting' or status in ('queued', 'running', 'retrying')) and origin <> 'backfill'
    ), 'replaced')`.execute(db)
}

/** The runs that a worker is executing and that have been cancelled. */
export async function cancelledRunsOf(db: Db, nodeId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from pgbeat.runs
    where status = 'running' and node_id = ${nodeId} and cancel_requested_at is not null`.execute(db)
  return rows.map(({ id }) => id)
}
