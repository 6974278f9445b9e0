import { z } from 'zod'
import { changeKinds } from '../../store/change-position.ts'
import { httpEndpoint } from '../endpoint.ts'
import { listInQuery } from '../fields/in-query.ts'
import { text } from '../fields/text.ts'
import type { LiveFilter } from '../live/filter.ts'
import { openStream } from '../live/open-stream.ts'
import { runStatus } from '../resources/run.ts'

const role = 'viewer'
const longestEventId = 20_000
const eventId = text.max(longestEventId).optional()

/** Which changes to follow, as text. */
export const followQuery = z.strictObject({
  types: listInQuery(z.enum(changeKinds)).optional().describe('Of what; all when left out'),
  schedule_id: z.guid().optional(),
  task_name: text.max(128).optional(),
  status: listInQuery(runStatus).optional().describe('Of runs'),
  last_event_id: eventId.describe('For clients that can set no header'),
})

export const followEventsEndpoint = httpEndpoint({
  id: 'followEvents',
  method: 'get',
  path: '/api/v1/events',
  tag: 'Events',
  role,
  summary: 'Follow what changes',
  description:
    'Server-sent events `schedule.<event_type>`, `backfill.<status>` and `run.<status>`; docs/live.md has the protocol. A client that comes back with the id of the last event it had gets what it missed.',
  query: followQuery,
  requestHeaders: { 'Last-Event-ID': eventId.describe('Go on after this event') },
  status: 200,
  content: z.string(),
  mediaType: 'text/event-stream',
  problems: ['too_many_streams'],
  async handle({ query }, { feed, admission }, { request, response }) {
    openStream(feed, request, response, {
      filter: toLiveFilter(query),
      // The header is the newer of the two: a client that reconnects by itself keeps its query.
      lastEventId: request.get('last-event-id') || query.last_event_id || undefined,
      isStillAllowed: () => admission.wouldAdmit(request, role),
    })
    return undefined
  },
})

/** Which changes a query asks for. */
export function toLiveFilter({ types, schedule_id, task_name, status }: z.output<typeof followQuery>): LiveFilter {
  return { types, scheduleId: schedule_id, taskName: task_name, statuses: status }
}
