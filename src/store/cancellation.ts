import { sql } from 'kysely'
import type { Db } from './tables.ts'

/** An attempt that the database knows a worker to be making. */
export interface AttemptUnderWay {
  readonly runId: string
  readonly attempt: number
  /** Whether its run was cancelled. */
  readonly isCancelled: boolean
}

export async function attemptsUnderWay(db: Db, nodeId: string): Promise<AttemptUnderWay[]> {
  const { rows } = await sql<AttemptUnderWay>`
    select id as "runId", attempt, cancel_requested_at is not null as "isCancelled" from pgbeat.runs
    where status = 'running' and node_id = ${nodeId}`.execute(db)
  return rows
}
