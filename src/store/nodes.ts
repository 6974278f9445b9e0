import { sql } from 'kysely'
import type { Db, NodeKind } from './tables.ts'

/** A node beats every second; a worker that has been silent for this long is dead. */
export const workerDeadAfterMs = 6_000

/** A process as the others see it. */
export interface Node {
  readonly id: string
  readonly kind: NodeKind
  readonly host: string
  readonly pid: number
  readonly version: string
  /** Workers: the tasks it runs. */
  readonly tasks: readonly string[]
  /** Workers: how many runs at once. */
  readonly concurrency: number | null
  /** Workers: the graphile-worker pool that locks its jobs. */
  readonly workerPoolId: string | null
}

/** Shows that a node is alive; registers it when its row is not there, or was taken away because it was silent. */
export async function beat(db: Db, node: Node): Promise<void> {
  await sql`
    insert into pgbeat.nodes (id, kind, host, pid, version, tasks, concurrency, worker_pool_id)
    values (${node.id}, ${node.kind}, ${node.host}, ${node.pid}, ${node.version}, ${[...node.tasks]},
      ${node.concurrency}, ${node.workerPoolId})
    on conflict (id) do update set heartbeat_at = clock_timestamp()`.execute(db)
}

/** Takes a node's row away, and unlocks what a worker could not finish. */
export async function leave(db: Db, nodeId: string): Promise<void> {
  await sql`
    with gone as (delete from pgbeat.nodes where id = ${nodeId} returning worker_pool_id)
    select graphile_worker.force_unlock_workers(array_agg(worker_pool_id))
    from gone where worker_pool_id is not null having count(*) > 0`.execute(db)
}

/** Forgets ticks and apis that have been silent for long; dead workers are the business of recovery. */
export async function forgetSilentNodes(db: Db, silentForMs: number): Promise<void> {
  await sql`
    delete from pgbeat.nodes
    where kind <> 'worker' and heartbeat_at < now() - ${silentForMs} * interval '1 millisecond'`.execute(db)
}
