import { sql } from 'kysely'
import type { Db } from './tables.ts'

/** What a server says of itself. */
export interface ServerState {
  /** Such as `18.4`. */
  readonly version: string
  /** Such as 180004. */
  readonly version_number: number
  /** A replica, which only follows. */
  readonly is_replica: boolean
  /** Transactions write nothing unless they ask for it. */
  readonly is_read_only: boolean
  readonly role: string
  readonly database: string
}

export async function readServerState(db: Db): Promise<ServerState> {
  const { rows } = await sql<ServerState>`
    select split_part(current_setting('server_version'), ' ', 1) as version,
      current_setting('server_version_num')::int as version_number,
      pg_is_in_recovery() as is_replica,
      current_setting('default_transaction_read_only')::boolean as is_read_only,
      current_user as role, current_database() as database`.execute(db)
  return rows[0] as ServerState
}
