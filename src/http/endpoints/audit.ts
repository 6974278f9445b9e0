import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { scheduleIdInQuery } from '../existing.ts'
import { listInQuery } from '../fields/in-query.ts'
import { pageOf, pageQuery } from '../fields/paging.ts'
import { text } from '../fields/text.ts'
import { scheduleEventPage, scheduleEventResource, scheduleEventType } from '../resources/schedule-event.ts'

export const auditEndpoint = endpoint({
  id: 'listAudit',
  method: 'get',
  path: '/api/v1/audit',
  tag: 'Audit',
  role: 'viewer',
  summary: 'List what was done to schedules, and by whom',
  description: 'The newest first; what was done to their runs by hand counts too.',
  query: z.strictObject({
    ...pageQuery,
    event_type: listInQuery(scheduleEventType).optional(),
    changed_by: text
      .max(200 + 'api:'.length)
      .optional()
      .describe('Exactly; `api:` and the name of a key, or a database user'),
    schedule_id: text.max(200).optional().describe('Id or name of a schedule; of a deleted one its id'),
  }),
  status: 200,
  content: pageOf(scheduleEventResource),
  async handle({ query }, { db }) {
    const { event_type, changed_by: changedBy, schedule_id: ref } = query
    const scheduleId = await scheduleIdInQuery(db, ref)
    const eventTypes = event_type && [...new Set(event_type)]
    return { content: await scheduleEventPage(db, query, { scheduleId, eventTypes, changedBy }) }
  },
})
