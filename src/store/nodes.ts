import { type RawBuilder, sql } from 'kysely'
import { isId } from './schedule-ref.ts'
import type { Db, NodeKind } from './tables.ts'

/** A node beats every second; one that has been silent for this long is dead. */
export const deadAfterMs = 6_000

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

/**
 * Shows that a node is alive; registers it when its row is not there, or was taken away because it was silent. Answers
 * whether it is to drain.
 * @param isDraining whether it does, for a row that has to be written anew
 */
export async function beat(db: Db, node: Node, isDraining = false): Promise<boolean> {
  const { rows } = await sql<{ is_draining: boolean }>`
    insert into pgbeat.nodes (id, kind, host, pid, version, tasks, concurrency, worker_pool_id, draining_at)
    values (${node.id}, ${node.kind}, ${node.host}, ${node.pid}, ${node.version}, ${[...node.tasks]},
      ${node.concurrency}, ${node.workerPoolId}, case when ${isDraining} then clock_timestamp() end)
    on conflict (id) do update set heartbeat_at = clock_timestamp()
    returning draining_at is not null as is_draining`.execute(db)
  return rows[0]?.is_draining ?? false
}

/** Has a worker take no new runs, or take them again; one that does already stays as it is. Answers false for no worker. */
export async function setDraining(db: Db, workerId: string, isDraining: boolean): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update pgbeat.nodes set draining_at = case when ${isDraining} then coalesce(draining_at, clock_timestamp()) end
    where id = ${workerId} and kind = 'worker'`.execute(db)
  return numAffectedRows === 1n
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

/** A row of `pgbeat.nodes`, and what it says now. */
export interface NodeRow {
  readonly id: string
  readonly kind: NodeKind
  readonly host: string
  readonly pid: number
  readonly version: string
  readonly tasks: string[]
  readonly concurrency: number | null
  readonly started_at: Date
  readonly heartbeat_at: Date
  /** Since its last heartbeat. */
  readonly heartbeat_age_seconds: number
  /** Its last heartbeat is younger than 6 s. */
  readonly is_alive: boolean
  readonly is_leader: boolean
  /** Since when it takes no new runs; null = it takes them, or is no worker. */
  readonly draining_at: Date | null
}

/** All nodes, those included that have died and are not forgotten yet. */
export async function listNodes(db: Db): Promise<NodeRow[]> {
  return readNodes(db, sql`true`)
}

/** Null when there is none, or it is forgotten. */
export async function findNode(db: Db, id: string): Promise<NodeRow | null> {
  const [found] = isId(id) ? await readNodes(db, sql`id = ${id}`) : []
  return found ?? null
}

async function readNodes(db: Db, condition: RawBuilder<unknown>): Promise<NodeRow[]> {
  const { rows } = await sql<NodeRow>`
    select id, kind, host, pid, version, tasks, concurrency, started_at, n.heartbeat_at,
      ${heartbeatAge} as heartbeat_age_seconds, ${isAlive} as is_alive, l.node_id is not null as is_leader, draining_at
    from pgbeat.nodes n left join pgbeat.leader l on l.node_id = n.id
    where ${condition}
    order by kind, host, pid, started_at`.execute(db)
  return rows
}

/** The node of a host that has beaten last, however long ago; undefined when there is none. */
export async function findLatestNode(
  db: Db,
  host: string,
  kind?: NodeKind,
): Promise<Pick<NodeRow, 'kind' | 'pid' | 'is_alive' | 'heartbeat_age_seconds'> | undefined> {
  const { rows } = await sql<Pick<NodeRow, 'kind' | 'pid' | 'is_alive' | 'heartbeat_age_seconds'>>`
    select kind, pid, ${isAlive} as is_alive, ${heartbeatAge} as heartbeat_age_seconds
    from pgbeat.nodes n where host = ${host} and kind = coalesce(${kind ?? null}, kind)
    order by heartbeat_at desc limit 1`.execute(db)
  return rows[0]
}

/** How many nodes of each kind are alive. */
export type NodeCounts = Readonly<Record<NodeKind, number>>

export async function countNodes(db: Db): Promise<NodeCounts> {
  const { rows } = await sql<NodeCounts>`
    select count(*) filter (where kind = 'tick')::int as tick, count(*) filter (where kind = 'worker')::int as worker,
      count(*) filter (where kind = 'api')::int as api
    from pgbeat.nodes n where ${isAlive}`.execute(db)
  return rows[0] as NodeCounts
}

// Not below 0: the clock may have been set back.
const heartbeatAge = sql`greatest(0, extract(epoch from clock_timestamp() - n.heartbeat_at))::float8`

/** Of a node that a statement knows as `n`. */
export const isAlive = sql`n.heartbeat_at >= clock_timestamp() - ${sql.lit(deadAfterMs)} * interval '1 millisecond'`

/** A worker, known as `n`, that begins runs: alive, and not draining. */
export const takesRuns = sql`n.kind = 'worker' and ${isAlive} and n.draining_at is null`
