import { type RawBuilder, type Selectable, sql } from 'kysely'
import { type ScheduleEventType, scheduleEventTypes } from '../core/schedule-event.ts'
import { all, type Page, toPage } from './page.ts'
import { isId } from './schedule-ref.ts'
import type { Db, ScheduleEventsTable } from './tables.ts'

export type ScheduleEvent = Selectable<ScheduleEventsTable>

/** What events must be, all of it at once; what is left out is not asked about. */
export interface ScheduleEventFilter {
  readonly scheduleId?: string | undefined
  /** One of these. */
  readonly eventTypes?: readonly ScheduleEventType[] | undefined
  readonly changedBy?: string | undefined
}

/**
 * One page of what was done to schedules, the newest first.
 * @param before only events with smaller ids
 */
export async function listScheduleEvents(
  db: Db,
  filter: ScheduleEventFilter,
  { limit, offset, before }: { limit: number; offset: number; before?: string | undefined },
): Promise<Page<ScheduleEvent, { id: string }>> {
  // Written out where it can be, for a plan that is kept must know how few are wanted to find them by an index.
  const most = offset === 0 ? sql`limit ${sql.lit(limit + 1)}` : sql`limit ${limit + 1 + offset}`
  const columns = sql`id, schedule_id, schedule_name, event_type, changes, revision, changed_by, note, occurred_at`
  const found = scheduleEventParts(columns, filter, most, before)
  const { rows } = await sql<ScheduleEvent>`
    select * from (${sql.join(found, sql` union all `)}) events
    order by id desc limit ${limit + 1} offset ${offset}`.execute(db)
  return toPage(rows, limit)
}

/** How many there are. It stops counting at `bound` + 1. */
export async function countScheduleEvents(db: Db, filter: ScheduleEventFilter, bound: number): Promise<number> {
  const most = sql`limit ${sql.lit(bound + 1)}`
  const found = scheduleEventParts(sql``, filter, most)
  const { rows } = await sql<{ count: string }>`
    select count(*) from (select from (${sql.join(found, sql` union all `)}) events ${most}) bounded`.execute(db)
  return Number(rows[0]?.count)
}

/** Whether there is, or was, a schedule with this id. */
export async function hasScheduleEvents(db: Db, ref: string): Promise<boolean> {
  return isId(ref) && (await countScheduleEvents(db, { scheduleId: ref }, 1)) > 0
}

/**
 * What a filter finds, as parts of a union: each has its newest.
 * @param most how many of each at most
 */
export function scheduleEventParts(
  columns: RawBuilder<unknown>,
  filter: ScheduleEventFilter,
  most: RawBuilder<unknown>,
  before?: string,
): RawBuilder<unknown>[] {
  return branchesOf(filter, before).map(
    ({ conditions, order }) =>
      sql`(select ${columns} from pgbeat.schedule_events where ${all(conditions)} ${order} ${most})`,
  )
}

interface Branch {
  readonly conditions: readonly RawBuilder<unknown>[]
  readonly order: RawBuilder<unknown>
}

/**
 * The parts that an index has in their order: one schedule's events, or those of each type. A type and an actor are put as
 * a range: what is rare would else be looked for among all events, the newest first.
 */
function branchesOf({ scheduleId, eventTypes, changedBy }: ScheduleEventFilter, before?: string): Branch[] {
  const isBefore = before === undefined ? [] : [sql`id < ${before}`]
  if (scheduleId !== undefined) {
    const conditions = [sql`schedule_id = ${scheduleId}`, ...isBefore]
    if (eventTypes !== undefined) conditions.push(sql`event_type = any(${[...eventTypes]})`)
    if (changedBy !== undefined) conditions.push(sql`changed_by = ${changedBy}`)
    return [{ conditions, order: sql`order by id desc` }]
  }
  if (changedBy === undefined && eventTypes === undefined)
    return [{ conditions: isBefore, order: sql`order by id desc` }]
  return (eventTypes ?? scheduleEventTypes).map((type) => {
    const place = [...(changedBy === undefined ? [] : [sql`${changedBy}::text`]), sql.lit(type)]
    const columns = [...(changedBy === undefined ? [] : [sql.ref('changed_by')]), sql.ref('event_type')]
    return rangeOf(columns, place, before)
  })
}

/** The events whose columns have these values, as a range of an index on the columns and the id. */
function rangeOf(
  columns: readonly RawBuilder<unknown>[],
  place: readonly RawBuilder<unknown>[],
  before?: string,
): Branch {
  const [names, values] = [sql.join(columns), sql.join(place)]
  const end =
    before === undefined ? sql`(${names}) <= (${values})` : sql`(${names}, id) < (${values}, ${before}::bigint)`
  return {
    conditions: [sql`(${names}) >= (${values})`, end],
    order: sql`order by ${sql.join(columns.map((column) => sql`${column} desc`))}, id desc`,
  }
}
