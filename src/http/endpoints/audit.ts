import { z } from 'zod'
import { scheduleEventTypes } from '../../core/schedule-event.ts'
import { systemEventTypes } from '../../core/system-event.ts'
import { type AuditEvent, countAudit, listAudit } from '../../store/audit.ts'
import { toCursor, toSmallerId } from '../cursor.ts'
import { endpoint } from '../endpoint.ts'
import { scheduleIdInQuery } from '../existing.ts'
import { listInQuery } from '../fields/in-query.ts'
import { moment } from '../fields/instant.ts'
import { mostCounted, pageOf, pageQuery, readPage, toPart } from '../fields/paging.ts'
import { text } from '../fields/text.ts'

const eventType = z.enum([...scheduleEventTypes, ...systemEventTypes])

const auditResource = z
  .object({
    id: z.string(),
    subject_type: z.enum(['schedule', 'key', 'node']),
    subject_id: z.guid().describe('The schedule, key or node; it may be gone'),
    subject_name: z.string().describe('Its name then; of a node its host and process id'),
    schedule_id: z.guid().nullable().describe('null of what is no schedule, as are the next and the revision'),
    schedule_name: z.string().nullable(),
    event_type: eventType,
    changes: z.record(z.string(), z.unknown()).describe('Each column with `from` and `to`'),
    revision: z.int().nullable(),
    changed_by: z.string(),
    note: z.string().nullable(),
    occurred_at: moment,
  })
  .meta({ id: 'AuditEvent' })

export const auditEndpoint = endpoint({
  id: 'listAudit',
  method: 'get',
  path: '/api/v1/audit',
  tag: 'Audit',
  role: 'viewer',
  summary: 'List what was done, and by whom',
  description:
    'The newest first: what was done to schedules, to their runs by hand, to keys and to workers, over HTTP, by command or by SQL.',
  query: z.strictObject({
    ...pageQuery,
    event_type: listInQuery(eventType).optional(),
    changed_by: text
      .max(200 + 'api:'.length)
      .optional()
      .describe('Exactly; `api:` and the name of a key, or a database user'),
    schedule_id: text
      .max(200)
      .optional()
      .describe('Id or name of a schedule, of a deleted one its id: only what was done to it'),
  }),
  status: 200,
  content: pageOf(auditResource),
  async handle({ query }, { db }) {
    const { event_type, changed_by: changedBy, schedule_id: ref, cursor } = query
    const scheduleId = await scheduleIdInQuery(db, ref)
    const filter = { scheduleId, eventTypes: event_type && [...new Set(event_type)], changedBy }
    const part = toPart(query)
    const { rows, meta } = await readPage(part, {
      read: () => listAudit(db, filter, { ...part, before: toSmallerId(cursor) }),
      count: () => countAudit(db, filter, mostCounted),
      toCursor: (next) => toCursor('-id', next),
    })
    return { content: { data: rows.map(present), meta } }
  },
})

function present(event: AuditEvent): z.output<typeof auditResource> {
  const isOfSchedule = event.subject_type === 'schedule'
  return {
    ...event,
    schedule_id: isOfSchedule ? event.subject_id : null,
    schedule_name: isOfSchedule ? event.subject_name : null,
    revision: event.revision === null ? null : Number(event.revision),
  }
}
