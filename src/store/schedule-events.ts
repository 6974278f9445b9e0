import { type Selectable, sql } from 'kysely'
import { type Page, toPage } from './page.ts'
import { isId } from './schedule-ref.ts'
import type { Db, ScheduleEventsTable } from './tables.ts'

export type ScheduleEvent = Selectable<ScheduleEventsTable>

/**
 * One page of what was done to a schedule, the newest first.
 * @param before only events with smaller ids
 */
export async function listScheduleEvents(
  db: Db,
  scheduleId: string,
  { limit, offset, before }: { limit: number; offset: number; before?: string | undefined },
): Promise<Page<ScheduleEvent, { id: string }>> {
  let query = db
    .selectFrom('pgbeat.schedule_events')
    .select([
      'id',
      'schedule_id',
      'schedule_name',
      'event_type',
      'changes',
      'revision',
      'changed_by',
      'note',
      'occurred_at',
    ])
    .where('schedule_id', '=', scheduleId)
  if (before !== undefined) query = query.where('id', '<', before)
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .offset(offset)
    .execute()
  return toPage(rows, limit)
}

/** How many there are. It stops counting at `bound` + 1. */
export async function countScheduleEvents(db: Db, scheduleId: string, bound: number): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*) from (
      select from pgbeat.schedule_events where schedule_id = ${scheduleId} limit ${bound + 1}) bounded`.execute(db)
  return Number(rows[0]?.count)
}

/** Whether there is, or was, a schedule with this id. */
export async function hasScheduleEvents(db: Db, ref: string): Promise<boolean> {
  return isId(ref) && (await countScheduleEvents(db, ref, 1)) > 0
}
