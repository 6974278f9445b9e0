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
    update pgbeat.leader set term = term + 1, node_id = ${nodeId}, elected_at = now(), heartbeat_at = now()
    returning term`.execute(db)
  return Number(rows[0]?.term)
}

export async function beatAsLeader(db: Db, nodeId: string): Promise<void> {
  await sql`update pgbeat.leader set heartbeat_at = now() where node_id = ${nodeId}`.execute(db)
}

/** Gives the lock back and tells the standbys, in this order. */
export async function resign(db: Db, nodeId: string): Promise<void> {
  await sql`update pgbeat.leader set node_id = null where node_id = ${nodeId}`.execute(db)
  await sql`select pg_advisory_unlock(${lock})`.execute(db)
  await sql`select pg_notify('pgbeat_leader', 'resigned')`.execute(db)
}
