import { z } from 'zod'
import { scheduleEventTypes } from '../../core/schedule-event.ts'
import { countScheduleEvents, listScheduleEvents, type ScheduleEventFilter } from '../../store/schedule-events.ts'
import type { Db } from '../../store/tables.ts'
import { toCursor, toSmallerId } from '../cursor.ts'
import { moment } from '../fields/instant.ts'
import { mostCounted, type PageQuery, readPage, toPart } from '../fields/paging.ts'

export const scheduleEventResource = z
  .object({
    id: z.string(),
    schedule_id: z.guid(),
    schedule_name: z.string(),
    event_type: z.enum(scheduleEventTypes),
    changes: z.record(z.string(), z.unknown()).describe('Each column with `from` and `to`'),
    revision: z.int(),
    changed_by: z.string(),
    note: z.string().nullable(),
    occurred_at: moment,
  })
  .meta({ id: 'ScheduleEvent' })

/** A page of events as responses show it, the newest first. */
export async function scheduleEventPage(db: Db, query: PageQuery, filter: ScheduleEventFilter) {
  const part = toPart(query)
  const before = toSmallerId(query.cursor)
  const { rows, meta } = await readPage(part, {
    read: () => listScheduleEvents(db, filter, { ...part, before }),
    count: () => countScheduleEvents(db, filter, mostCounted),
    toCursor: (next) => toCursor('-id', next),
  })
  return { data: rows.map((event) => ({ ...event, revision: Number(event.revision) })), meta }
}
