import { z } from 'zod'
import type { Timetable } from '../../core/timetable.ts'
import { requireUpcoming, type UpcomingInstant, upcoming } from '../../core/upcoming.ts'
import { plainWords } from '../../plain-words/plain-words.ts'
import { readTimetable } from '../../store/preview.ts'
import { endpoint } from '../endpoint.ts'
import { existingSchedule, existingTimetable } from '../existing.ts'
import { isoDuration, toIsoDuration } from '../fields/duration.ts'
import { integerInQuery } from '../fields/in-query.ts'
import { instant, instantInQuery, moment } from '../fields/instant.ts'
import { clockChange } from '../resources/run.ts'
import { timetableFields } from '../resources/schedule.ts'

const tag = 'Preview'
const mostInstants = 100
const usualInstants = 10

const preview = z.object({
  description: z.string().nullable().describe('The timetable in plain words; null where there are none for it'),
  timezone: z.string(),
  cron_expression: z.string().nullable(),
  every: isoDuration.nullable(),
  run_at: moment.nullable(),
  starts_at: moment.nullable(),
  ends_at: moment.nullable(),
  next: z.array(
    z.object({
      at: moment,
      local: z.string().describe("In the schedule's zone, with the offset"),
      clock_change: clockChange.nullable().describe('What a change of clocks did to it: see docs/time.md'),
    }),
  ),
})

export const schedulePreviewEndpoint = endpoint({
  id: 'previewSchedule',
  method: 'get',
  path: '/api/v1/schedules/{id}/preview',
  tag,
  role: 'viewer',
  summary: 'Show when a schedule fires next',
  description: 'Jitter is no part of it; a paused schedule is shown as if it were resumed.',
  query: z.strictObject({
    count: integerInQuery(1, mostInstants).optional().describe(`${usualInstants} when left out`),
    after: instantInQuery.optional().describe('The instants after this one, instead of after now'),
  }),
  status: 200,
  content: z.object({
    data: preview.extend({ id: z.guid(), name: z.string(), enabled: z.boolean() }).meta({ id: 'SchedulePreview' }),
  }),
  problems: ['schedule_not_found', 'invalid_schedule'],
  async handle({ params, query }, { db }) {
    const { id, name, enabled } = await existingSchedule(db, params.id)
    const { timetable, runsLeft, now } = await existingTimetable(db, { id, name })
    const count = query.count ?? usualInstants
    const next = upcoming(timetable, query.after ?? now, Math.min(count, runsLeft ?? count))
    return { content: { data: { id, name, enabled, ...presentPreview(timetable, next) } } }
  },
})

export const cronPreviewEndpoint = endpoint({
  id: 'previewTimetable',
  method: 'post',
  path: '/api/v1/cron/preview',
  tag,
  role: 'viewer',
  summary: 'Explain a timetable that is not saved',
  description: 'Plain words, and the next instants in UTC and local time with days on which clocks change flagged.',
  isReading: true,
  body: z.strictObject({
    ...timetableFields,
    count: z.int().min(1).max(mostInstants).default(usualInstants),
    after: instant.optional().describe('As if it were created at this instant'),
  }),
  example: { cron_expression: '30 2 * * *', timezone: 'America/New_York', count: 5 },
  status: 200,
  content: z.object({ data: preview.meta({ id: 'Preview' }) }),
  problems: ['invalid_schedule'],
  async handle({ body: { count, after, ...given } }, { db, timezone }) {
    const { timetable, now } = await readTimetable(db, { timezone, ...given }, after)
    return { content: { data: presentPreview(timetable, requireUpcoming(timetable, now, count)) } }
  },
})

function presentPreview(timetable: Timetable, next: readonly UpcomingInstant[]): z.output<typeof preview> {
  const { cronExpression, everyMs, runAt, startsAt, endsAt, timezone } = timetable
  return {
    description: plainWords(timetable),
    timezone,
    cron_expression: cronExpression,
    every: toIsoDuration(everyMs === null ? null : everyMs / 1_000),
    run_at: toDate(runAt),
    starts_at: toDate(startsAt),
    ends_at: toDate(endsAt),
    next: next.map(({ at, local, clockChange: change }) => ({ at: new Date(at), local, clock_change: change })),
  }
}

function toDate(instant: number | null): Date | null {
  return instant === null ? null : new Date(instant)
}
