import { z } from 'zod'
import { changeKinds } from '../../store/change-position.ts'
import { endpoint } from '../endpoint.ts'
import { listInQuery } from '../fields/in-query.ts'
import { text } from '../fields/text.ts'
import { openStream } from '../live/open-stream.ts'
import { runStatus } from '../resources/run.ts'

const role = 'viewer'
const longestEventId = 20_000
const eventId = text.max(longestEventId).optional()

export const followEventsEndpoint = endpoint({
  id: 'followEvents',
  method: 'get',
  path: '/api/v1/events',
  tag: 'Events',
  role,
  summary: 'Follow what changes',
  description:
    'Server-sent events `schedule.<event_type>`, `backfill.<status>` and `run.<status>`; docs/live.md has the protocol. A client that comes back with the id of the last event it had gets what it missed.',
  query: z.strictObject({
    types: listInQuery(z.enum(changeKinds)).optional().describe('Of what; all when left out'),
    schedule_id: z.guid().optional(),
    task_name: text.max(128).optional(),
    status: listInQuery(runStatus).optional().describe('Of runs'),
    last_event_id: eventId.describe('For clients that can set no header'),
  }),
  requestHeaders: { 'Last-Event-ID': eventId.describe('Go on after this event') },
  status: 200,
  content: z.string(),
  mediaType: 'text/event-stream',
  problems: ['too_many_streams'],
  async handle({ query, request }, { feed, admission }, response) {
    const { types, schedule_id: scheduleId, task_name: taskName, status: statuses, last_event_id: inQuery } = query
    openStream(feed, request, response, {
      filter: { types, scheduleId, taskName, statuses },
      // The header is the newer of the two: a client that reconnects by itself keeps its query.
      lastEventId: request.get('last-event-id') || inQuery || undefined,
      isStillAllowed: () => admission.wouldAdmit(request, role),
    })
    return undefined
  },
})
