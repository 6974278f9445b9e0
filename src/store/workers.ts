import { sql } from 'kysely'
import { isAlive } from './nodes.ts'
import type { Db } from './tables.ts'

/** A worker as the database knows it: one that runs, or one that died and is not recovered yet. */
export interface WorkerRow {
  readonly host: string
  readonly pid: number
  readonly tasks: string[]
  readonly concurrency: number
  readonly is_alive: boolean
  /** Since its last heartbeat. */
  readonly silent_seconds: number
}

export async function listWorkers(db: Db): Promise<WorkerRow[]> {
  const { rows } = await sql<WorkerRow>`
    select host, pid, tasks, coalesce(concurrency, 0) as concurrency, ${isAlive} as is_alive,
      extract(epoch from clock_timestamp() - heartbeat_at)::float8 as silent_seconds
    from pgbeat.nodes n where kind = 'worker' order by host, pid`.execute(db)
  return rows
}

/** Whether there is something for workers: a schedule that will fire, or a run that is not over. */
export async function isWorkAhead(db: Db): Promise<boolean> {
  const { rows } = await sql<{ is_ahead: boolean }>`
    select exists (select from pgbeat.schedules where enabled and next_run_at < 'infinity')
      or exists (select from pgbeat.schedules where enabled and next_run_at is null and error is null)
      or exists (select from pgbeat.runs where status in ('queued', 'running', 'retrying'))
      or exists (select from pgbeat.runs where status = 'waiting') as is_ahead`.execute(db)
  return rows[0]?.is_ahead ?? false
}
