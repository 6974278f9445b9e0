import { z } from 'zod'
import { readLeader } from '../../store/leader.ts'
import { mostCounted, readMirror } from '../../store/mirror.ts'
import { listTasks } from '../../store/tasks.ts'
import { endpoint } from '../endpoint.ts'
import { moment } from '../fields/instant.ts'
import { anyJson } from '../fields/json-value.ts'
import { leaderResource } from '../resources/leader.ts'

const tag = 'Cluster'

const taskResource = z
  .object({
    name: z.string(),
    description: z.string(),
    payload_schema: anyJson.describe('JSON Schema of its payload; null when it has none'),
    published_at: moment,
    live_workers: z.int().describe('How many workers that are alive, and do not drain, have it'),
    schedules: z.int().nullable().describe('How many schedules name it; null when that is not known'),
    schedules_is_estimated: z.boolean(),
  })
  .meta({ id: 'Task' })

export const listTasksEndpoint = endpoint({
  id: 'listTasks',
  method: 'get',
  path: '/api/v1/tasks',
  tag,
  role: 'viewer',
  summary: 'List the tasks that workers have published',
  status: 200,
  content: z.object({ data: z.array(taskResource) }),
  async handle(_call, { db }) {
    return { content: { data: await listTasks(db) } }
  },
})

export const getLeaderEndpoint = endpoint({
  id: 'getLeader',
  method: 'get',
  path: '/api/v1/leader',
  tag,
  role: 'viewer',
  summary: 'Show which tick leads',
  status: 200,
  content: z.object({ data: leaderResource }),
  async handle(_call, { db }) {
    return { content: { data: await readLeader(db) } }
  },
})

const mirrorResource = z
  .object({
    channel: z.string().nullable().describe('Where events are published; null while nobody has ever mirrored'),
    node_id: z.guid().nullable().describe('The tick that mirrors, or did so last'),
    seen_at: moment.nullable(),
    seen_age_seconds: z.number().nullable().describe('A mirror that is at work is younger than a few seconds'),
    lag_events: z
      .int()
      .describe(`Events that are not in Redis yet; those that nobody has looked at are counted up to ${mostCounted}`),
    lag_seconds: z.number().describe('How long ago the first of them happened; 0 when there is none'),
    sent: z.int().describe('How many events have been sent, ever'),
    sent_at: moment.nullable(),
    stream_id: z.string().describe('The id that the last entry of the stream should have'),
    failing_since: moment.nullable().describe('null while Redis can be used'),
    error: z.string().nullable(),
  })
  .meta({ id: 'Mirror' })

export const getMirrorEndpoint = endpoint({
  id: 'getMirror',
  method: 'get',
  path: '/api/v1/mirror',
  tag,
  role: 'viewer',
  summary: 'Show how far the copy in Redis is',
  status: 200,
  content: z.object({ data: mirrorResource }),
  async handle(_call, { db }) {
    return { content: { data: await readMirror(db) } }
  },
})
