import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { leaderResource } from '../resources/leader.ts'

const count = z.number()
const isEstimated = z.boolean().describe('Extrapolated from the latest, for there are many')
const seconds = z.number().nullable()

const finished = z
  .object({ succeeded: count, failed: count, cancelled: count, is_estimated: isEstimated })
  .meta({ id: 'FinishedCounts' })

const stats = z
  .object({
    schedules: z.object({
      total: count,
      enabled: count,
      paused: count,
      invalid: count.describe('Those that can have no next instant'),
      finished: count,
      estimated: z
        .array(z.enum(['total', 'enabled', 'paused', 'invalid', 'finished']))
        .describe('Which of these are estimates, for there are more than 10,000'),
    }),
    active_runs: z.object({
      waiting: count,
      queued: count,
      running: count,
      retrying: count,
      oldest_queued_seconds: seconds.describe('How long a queued run has been ready to start'),
      is_bounded: z.boolean().describe('Whether there are more than were counted'),
    }),
    finished_last_5_minutes: finished,
    finished_last_hour: finished,
    lateness: z
      .object({ p50: seconds, p99: seconds, max: seconds, runs: count.describe('How many runs these are of') })
      .describe('Seconds from the nominal instant until the first attempt began, of the latest runs'),
    fires: z.object({
      fires_per_second: z.number().describe('On average over the last minute'),
      is_estimated: isEstimated,
    }),
    not_run_last_hour: z.object({
      by_reason: z.array(z.object({ status: z.enum(['skipped', 'missed']), reason: z.string(), instants: count })),
      is_bounded: z.boolean(),
    }),
    leader: leaderResource,
    nodes: z.object({ tick: count, worker: count, api: count }).describe('Those that are alive'),
  })
  .meta({ id: 'Stats' })

export const getStatsEndpoint = endpoint({
  id: 'getStats',
  method: 'get',
  path: '/api/v1/stats',
  tag: 'Cluster',
  role: 'viewer',
  summary: 'Show the figures of an overview',
  description: 'Up to 2 s old.',
  status: 200,
  content: z.object({ data: stats }),
  async handle(_call, { overview }) {
    return { content: { data: await overview.get() } }
  },
})
