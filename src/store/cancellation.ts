import { sql } from 'kysely'
import type { Db } from './tables.ts'

/** The runs that a worker is executing and that have been cancelled. */
export async function cancelledRunsOf(db: Db, nodeId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from pgbeat.runs
    where status = 'running' and node_id = ${nodeId} and cancel_requested_at is not null`.execute(db)
  return rows.map(({ id }) => id)
}
