import { sql } from 'kysely'
import { activeWindow } from './active-window.ts'
import { arrayOf } from './array.ts'
import type { Db } from './tables.ts'

/**
 * Which of some schedules have active runs. To be asked in a statement of its own, once the schedules are locked: what a
 * statement sees is older than the locks that it gets. The limit has each looked up by itself: where the planner thinks
 * that there are hardly any active runs, it would go through all of them for each schedule.
 * @param besides runs of this instant, in Unix milliseconds, don't count
 */
export async function activeRuns(db: Db, scheduleIds: readonly string[], besides?: number): Promise<Set<string>> {
  if (scheduleIds.length === 0) return new Set()
  const isInWindow = await activeWindow(db)
  const isOther = besides === undefined ? sql`true` : sql`scheduled_for <> to_timestamp(${besides}::float8 / 1000)`
  const { rows } = await sql<{ id: string }>`
    select s.id
    from unnest(${arrayOf(scheduleIds, (id) => id)}::uuid[]) as s(id), lateral (
      select from pgbeat.runs
      where schedule_id = s.id and status in ('waiting', 'queued', 'running', 'retrying')
        and (origin <> 'backfill' or status = 'waiting') and ${isInWindow('runs')} and ${isOther}
      limit 1
    ) active`.execute(db)
  return new Set(rows.map(({ id }) => id))
}
