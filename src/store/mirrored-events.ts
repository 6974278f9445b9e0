import { sql } from 'kysely'
import type { Db } from './tables.ts'

/**
 * How many of the last events sent are known, so that a stream which has lost them gets them again. They are counted
 * without a gap.
 */
export async function countKeptEvents(db: Db): Promise<number> {
  const { rows } = await sql<{ kept: number }>`
    select greatest(0, m.sent + 1 - coalesce((select min(number) from pgbeat.mirrored_events), m.sent + 1))::float8 as kept
    from pgbeat.mirror m`.execute(db)
  return rows[0]?.kept ?? 0
}
