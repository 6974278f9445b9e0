import { z } from 'zod'
import { minuteMs } from '../../core/minutes.ts'
import { readClock } from '../../store/forecast.ts'
import { listFigures } from '../../store/minutes.ts'
import { endpoint } from '../endpoint.ts'
import { instantInQuery, moment } from '../fields/instant.ts'
import { invalidField } from '../problem.ts'

const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const mostMs = 30 * dayMs

/** As many minutes are one, so that a chart has at most 1,440 points. */
const steps = [1, 5, 15, 30]

const count = z.int()
const seconds = z.number().nullable()

const figures = z
  .object({
    minute: moment.describe('When it began; of several minutes that are merged, the first'),
    minutes: count.describe('How many these are of: fewer than the step has where some are not there'),
    fired: count.describe('Runs that are new'),
    succeeded: count,
    failed: count,
    cancelled: count,
    skipped: count.describe('Instants'),
    missed: count.describe('Instants; they count when they are found to be missed'),
    lateness_p50_seconds: seconds.describe('Merged: the mean of the minutes, each with the weight of its runs'),
    lateness_p99_seconds: seconds.describe('Merged: the greatest of the minutes, so never too small'),
    lateness_max_seconds: seconds,
    lateness_runs: count.describe(
      'How many runs these are of: those of timetables that finished; at most 20,000 a minute',
    ),
  })
  .meta({ id: 'Figures' })

export const listFiguresEndpoint = endpoint({
  id: 'listFigures',
  method: 'get',
  path: '/api/v1/figures',
  tag: 'Cluster',
  role: 'viewer',
  summary: 'Show figures over time, for charts',
  description:
    'By minute, of the last 30 days. The leader writes a minute a few seconds after it is over. Of more than a day, several ' +
    'minutes are merged into one. Minutes that are not there are left out: no tick led.',
  query: z.strictObject({
    from: instantInQuery.optional().describe('An hour before `until` when left out'),
    until: instantInQuery.optional().describe('Now when left out; at most 30 days after `from`'),
  }),
  status: 200,
  content: z.object({
    data: z.array(figures),
    meta: z.object({ from: moment, until: moment, step_seconds: count.describe('How long a time an entry is of') }),
  }),
  async handle({ query }, { db }) {
    const until = query.until ?? (await readClock(db))
    const from = query.from ?? until - hourMs
    if (until <= from) throw invalidField('until', 'must be later than from')
    if (until - from > mostMs) throw invalidField('until', 'must be at most 30 days later than from')
    const step = steps.find((minutes) => (until - from) / minutes <= dayMs) ?? 30
    const stepSeconds = (step * minuteMs) / 1_000
    const found = await listFigures(db, { from: Math.floor(from / minuteMs) * minuteMs, until, stepSeconds })
    return {
      content: {
        data: found.map(({ minute, ...rest }) => ({ minute: new Date(minute), ...rest })),
        meta: { from: new Date(from), until: new Date(until), step_seconds: stepSeconds },
      },
    }
  },
})
