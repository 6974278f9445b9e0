import { sql } from 'kysely'
import type { Db } from './tables.ts'

const lock = sql`hashtextextended('pgbeat.leader', 0)`

/** Takes the leader's lock for this session if nobody has it. */
export async function tryToLead(db: Db): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`select pg_try_advisory_lock(${lock}) as locked`.execute(db)
  return rows[0]?.locked ?? false
}

/** Begins a term; answers its number. */
export async function beginTerm(db: Db, nodeId: string): Promise<number> {
  const { rows } = await sql<{ term: string }>`
    update pgbeat.leader set
      term = term + 1, node_id = ${nodeId}, backend_pid = pg_backend_pid(), elected_at = now(), heartbeat_at = now()
    returning term`.execute(db)
  return Number(rows[0]?.term)
}

export async function beatAsLeader(db: Db, nodeId: string): Promise<void> {
  await sql`update pgbeat.leader set heartbeat_at = now() where node_id = ${nodeId}`.execute(db)
}

/**
 * Ends the session of a leader that has been silent for long, which frees the lock; answers whether it did. One that has
 * a lot to do beats late; it is not silent as long as its backend works for it, or was asked for something lately.
 * @param silentForMs how long it must have been silent
 */
export async function endSilentLeader(db: Db, silentForMs: number): Promise<boolean> {
  const { rows } = await sql`
    with longest as (select clock_timestamp() - ${silentForMs} * interval '1 millisecond' as ago)
    select pg_terminate_backend(backend_pid) from pgbeat.leader, longest
    where heartbeat_at < ago
      and exists (select from pg_locks where pid = backend_pid and locktype = 'advisory' and granted)
      and not exists (
        select from pg_stat_activity where pid = backend_pid
          -- A backend that waits for its client to take the answer works for nobody.
          and (state_change >= ago or state = 'active' and wait_event_type is distinct from 'Client'))`.execute(db)
  return rows.length > 0
}

/** Gives the lock back and tells the standbys, in this order. */
export async function resign(db: Db, nodeId: string): Promise<void> {
  await sql`update pgbeat.leader set node_id = null, backend_pid = null where node_id = ${nodeId}`.execute(db)
  await sql`select pg_advisory_unlock(${lock})`.execute(db)
  await sql`select pg_notify('pgbeat_leader', 'resigned')`.execute(db)
}

/** The row of `pgbeat.leader`, and the node that leads. */
export interface LeaderRow {
  readonly term: number
  /** Null while nobody leads. */
  readonly node_id: string | null
  readonly host: string | null
  readonly pid: number | null
  readonly elected_at: Date | null
  readonly heartbeat_at: Date | null
  /** Null before the first election. */
  readonly heartbeat_age_seconds: number | null
}

export async function readLeader(db: Db): Promise<LeaderRow> {
  const { rows } = await sql<LeaderRow>`
    select term::float8 as term, node_id, n.host, n.pid, elected_at, l.heartbeat_at,
      extract(epoch from clock_timestamp() - l.heartbeat_at)::float8 as heartbeat_age_seconds
    from pgbeat.leader l left join pgbeat.nodes n on n.id = l.node_id`.execute(db)
  return rows[0] as LeaderRow
}
