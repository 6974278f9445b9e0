import { z } from 'zod'
import { endpoint } from '../endpoint.ts'

const count = z.int()

const taskQueue = z
  .object({
    task_name: z.string(),
    waiting: count.describe('Behind an active run of their schedule'),
    queued: count,
    running: count,
    retrying: count.describe('Between two attempts'),
    oldest_queued_seconds: z.number().nullable().describe('How long a queued run has been ready to start'),
    live_workers: count.describe('How many workers that are alive, and do not drain, have the task'),
    free_slots: count
      .nullable()
      .describe('How many more runs they could begin now, of whichever of their tasks; null when that is not known'),
  })
  .meta({ id: 'TaskQueue' })

export const getQueueEndpoint = endpoint({
  id: 'getQueue',
  method: 'get',
  path: '/api/v1/queue',
  tag: 'Cluster',
  role: 'viewer',
  summary: 'Show how many runs wait for what, by task',
  description: 'All tasks of the catalogue, and whatever else is queued. Up to 2 s old.',
  status: 200,
  content: z.object({
    data: z.array(taskQueue),
    meta: z.object({
      is_bounded: z
        .boolean()
        .describe('Whether there are more runs than were counted: the counts are lower bounds then'),
    }),
  }),
  async handle(_call, { queue }) {
    const { tasks, is_bounded } = await queue.get()
    return { content: { data: tasks, meta: { is_bounded } } }
  },
})
