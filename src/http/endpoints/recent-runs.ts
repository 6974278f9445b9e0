import { z } from 'zod'
import { listLatestRuns } from '../../store/latest-runs.ts'
import { endpoint } from '../endpoint.ts'
import { integerInQuery, listInQuery } from '../fields/in-query.ts'
import { moment } from '../fields/instant.ts'
import { bigint, delaysOf, runFields, runTimes } from '../resources/run.ts'

const runGlance = z
  .object({
    id: bigint,
    status: runFields.status,
    reason: runFields.reason,
    scheduled_for: moment,
    ...runTimes,
  })
  .meta({ id: 'RunGlance' })

export const recentRunsEndpoint = endpoint({
  id: 'listRecentRuns',
  method: 'get',
  path: '/api/v1/schedules/recent-runs',
  tag: 'Schedules',
  role: 'viewer',
  summary: 'List the latest runs of each of some schedules',
  description:
    'The newest first, as far as about half a year back; skipped and missed ones count. A schedule that is called ' +
    '`recent-runs` is found by its id.',
  query: z.strictObject({
    schedule_ids: listInQuery(z.guid())
      .pipe(z.array(z.guid(), 'must be ids of schedules'))
      .describe('An entry is answered for each, in this order; without runs for one that has none, or is none'),
    per_schedule: integerInQuery(1, 50).optional().describe('How many at most of each; 30 when left out'),
  }),
  status: 200,
  content: z.object({ data: z.array(z.object({ schedule_id: z.guid(), runs: z.array(runGlance) })) }),
  async handle({ query }, { db }) {
    const { schedule_ids: given, per_schedule: perSchedule = 30 } = query
    const ids = [...new Set(given.map((id) => id.toLowerCase()))]
    const latest = await listLatestRuns(db, ids, perSchedule)
    const data = [...latest].map(([schedule_id, found]) => ({
      schedule_id,
      runs: found.map(({ schedule_id: _, started_at, finished_at, ...run }) => ({
        ...run,
        ...delaysOf({ scheduled_for: run.scheduled_for, started_at, finished_at }),
      })),
    }))
    return { content: { data } }
  },
})
