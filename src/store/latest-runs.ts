import { sql } from 'kysely'
import { stretchesBefore } from '../core/stretch.ts'
import type { Run } from './runs.ts'
import type { Db } from './tables.ts'

/** What is seen of a run at a glance. */
export type RunGlance = Pick<
  Run,
  'id' | 'schedule_id' | 'status' | 'reason' | 'scheduled_for' | 'started_at' | 'finished_at'
>

/**
 * The latest runs of each of some schedules, the newest first; of one that has none, or is none, an empty list. One step
 * into an index for each schedule and day that is looked at, so it ends about half a year back.
 * @param now Unix milliseconds; where to look first
 */
export async function listLatestRuns(
  db: Db,
  scheduleIds: readonly string[],
  perSchedule: number,
  now = Date.now(),
): Promise<Map<string, RunGlance[]>> {
  const found = new Map<string, RunGlance[]>(scheduleIds.map((id) => [id, []]))
  for (const { since, until } of stretchesBefore(now)) {
    const lacking = [...found].filter(([, runs]) => runs.length < perSchedule)
    if (since === null || lacking.length === 0) break
    const isBefore = until === null ? sql`` : sql`and scheduled_for < ${toText(until)}::timestamptz`
    const { rows } = await sql<RunGlance>`
      select latest.*
      from unnest(${lacking.map(([id]) => id)}::uuid[], ${lacking.map(([, runs]) => perSchedule - runs.length)}::int[])
        given (id, missing),
      lateral (
        select id, schedule_id, status, reason, scheduled_for, started_at, finished_at from pgbeat.runs
        where schedule_id = given.id and scheduled_for >= ${toText(since)}::timestamptz ${isBefore}
        order by scheduled_for desc limit given.missing
      ) latest
      order by latest.scheduled_for desc`.execute(db)
    for (const run of rows) found.get(run.schedule_id)?.push(run)
  }
  return found
}

function toText(instant: number): string {
  return new Date(instant).toISOString()
}
