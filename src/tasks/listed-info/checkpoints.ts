import type pg from 'pg'
import type { DateText } from './calendar.ts'

/** What became of one day, in rows. */
export interface DayCounts {
  /** The day as it was asked for. */
  readonly date: DateText
  readonly fetched_count: number
  readonly saved_count: number
  readonly skipped_count: number
  readonly changed_count: number
}

/** Runs that were cancelled or lost never clear their checkpoints themselves. */
const KEPT_FOR = '7 days'

/** The days that earlier attempts of a run have saved. */
export async function readCheckpoints(db: pg.Pool, runId: string): Promise<DayCounts[]> {
  const { rows } = await db.query<DayCounts>(
    `select date::text as date, fetched_count, saved_count, skipped_count, changed_count
       from jquants.listed_info_checkpoints where run_id = $1 order by date`,
    [runId],
  )
  return rows
}

/** @param client inside the transaction that saves the day */
export async function writeCheckpoint(client: pg.PoolClient, runId: string, day: DayCounts): Promise<void> {
  await client.query(
    `insert into jquants.listed_info_checkpoints
            (run_id, date, fetched_count, saved_count, skipped_count, changed_count)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (run_id, date) do update
        set fetched_count = excluded.fetched_count, saved_count = excluded.saved_count,
            skipped_count = excluded.skipped_count, changed_count = excluded.changed_count, saved_at = now()`,
    [runId, day.date, day.fetched_count, day.saved_count, day.skipped_count, day.changed_count],
  )
}

/** Forgets a run that needs no further attempt, and what abandoned runs left behind. */
export async function clearCheckpoints(db: pg.Pool, runId: string): Promise<void> {
  await db.query(
    `delete from jquants.listed_info_checkpoints where run_id = $1 or saved_at < now() - interval '${KEPT_FOR}'`,
    [runId],
  )
}
