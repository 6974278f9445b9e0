import { type RawBuilder, sql } from 'kysely'
import { type ScheduleEventType, scheduleEventTypes } from '../core/schedule-event.ts'
import type { SystemEventType } from '../core/system-event.ts'
import { all, type Page, toPage } from './page.ts'
import { scheduleEventParts } from './schedule-events.ts'
import type { Db } from './tables.ts'

/** What somebody did, to a schedule and its runs, a key or a worker. */
export interface AuditEvent {
  readonly id: string
  readonly subject_type: 'schedule' | 'key' | 'node'
  readonly subject_id: string
  readonly subject_name: string
  readonly event_type: ScheduleEventType | SystemEventType
  readonly changes: Record<string, unknown>
  /** Of a schedule; null for all else. */
  readonly revision: string | null
  readonly changed_by: string
  readonly note: string | null
  readonly occurred_at: Date
}

/** What events must be, all of it at once; what is left out is not asked about. */
export interface AuditFilter {
  /** Then only what was done to this schedule. */
  readonly scheduleId?: string | undefined
  /** One of these. */
  readonly eventTypes?: readonly AuditEvent['event_type'][] | undefined
  readonly changedBy?: string | undefined
}

/**
 * One page of what was done, the newest first.
 * @param before only events with smaller ids
 */
export async function listAudit(
  db: Db,
  filter: AuditFilter,
  { limit, offset, before }: { limit: number; offset: number; before?: string | undefined },
): Promise<Page<AuditEvent, { id: string }>> {
  // Written out where it can be, as in listScheduleEvents.
  const most = offset === 0 ? sql`limit ${sql.lit(limit + 1)}` : sql`limit ${limit + 1 + offset}`
  const { rows } = await sql<AuditEvent>`
    select * from (${eventsOf(filter, most, before)}) events
    order by id desc limit ${limit + 1} offset ${offset}`.execute(db)
  return toPage(rows, limit)
}

/** How many there are. It stops counting at `bound` + 1. */
export async function countAudit(db: Db, filter: AuditFilter, bound: number): Promise<number> {
  const most = sql`limit ${sql.lit(bound + 1)}`
  const { rows } = await sql<{ count: string }>`
    select count(*) from (select from (${eventsOf(filter, most)}) events ${most}) bounded`.execute(db)
  return Number(rows[0]?.count)
}

const ofSchedules = sql`id, 'schedule' as subject_type, schedule_id as subject_id, schedule_name as subject_name, event_type,
  changes, revision, changed_by, note, occurred_at`

const ofSystem = sql`id, case when event_type like 'key%' then 'key' else 'node' end as subject_type, subject_id, subject_name,
  event_type, changes, null::bigint as revision, changed_by, note, occurred_at`

/** @param most how many of each part at most */
function eventsOf(
  { scheduleId, eventTypes, changedBy }: AuditFilter,
  most: RawBuilder<unknown>,
  before?: string,
): RawBuilder<unknown> {
  const types = eventTypes?.filter(isOfSchedules)
  const parts = scheduleEventParts(ofSchedules, { scheduleId, eventTypes: types, changedBy }, most, before)
  // There are few, so that no index is needed for what they are looked through by.
  const conditions = [
    ...(eventTypes === undefined ? [] : [sql`event_type = any(${[...eventTypes]})`]),
    ...(changedBy === undefined ? [] : [sql`changed_by = ${changedBy}`]),
    ...(before === undefined ? [] : [sql`id < ${before}`]),
  ]
  const system = sql`(select ${ofSystem} from pgbeat.system_events where ${all(conditions)} order by id desc ${most})`
  return sql.join(scheduleId === undefined ? [...parts, system] : parts, sql` union all `)
}

function isOfSchedules(type: AuditEvent['event_type']): type is ScheduleEventType {
  return (scheduleEventTypes as readonly string[]).includes(type)
}
