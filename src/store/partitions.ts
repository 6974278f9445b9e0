import { sql } from 'kysely'
import { isLocked } from './postgres-errors.ts'
import type { Db } from './tables.ts'

const daysAhead = 3
// After a longer downtime, what was missed before goes to the default partition.
const mostDaysBack = 7

/**
 * Makes sure that there are partitions for the runs of the coming days; answers how many tables it made. Makes none while
 * somebody reads the runs for long: there are days to try again, and the default partition takes what comes too early.
 * @param retentionDays no partitions are made for days that would be forgotten; 0 = none are
 */
export async function createPartitionsAhead(db: Db, retentionDays = 0): Promise<number> {
  const daysBack = retentionDays === 0 ? mostDaysBack : Math.min(mostDaysBack, retentionDays)
  const attempt = sql<{ created: number }>`
    select pgbeat.create_run_partitions(
      greatest(today - ${daysBack}::integer, coalesce((
        select max(to_date(right(c.relname, 8), 'YYYYMMDD')) + 1
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'pgbeat.runs'::regclass and c.relname ~ '^runs_[0-9]{8}$'
      ), today - 1)),
      today + ${daysAhead}::integer
    ) as created
    from (select (now() at time zone 'UTC')::date as today) clock`.execute(db)
  const { rows } = await attempt.catch(ignoreLocked)
  return rows[0]?.created ?? 0
}

function ignoreLocked(error: unknown): { rows: { created: number }[] } {
  if (isLocked(error)) return { rows: [] }
  throw error
}
