import { Router } from 'express'
import { z } from 'zod'
import type { Timetable } from '../core/timetable.ts'
import { requireUpcoming, type UpcomingInstant, upcoming } from '../core/upcoming.ts'
import { plainWords } from '../plain-words.ts'
import { readTimetable, timetableOf } from '../store/preview.ts'
import { findSchedule } from '../store/schedules.ts'
import type { Db } from '../store/tables.ts'
import { toIsoDuration } from './duration.ts'
import { instant, instantInQuery } from './instant.ts'
import { notFound, parse } from './problem.ts'
import { newScheduleBody } from './schedule-body.ts'

const count = z.int().min(1).max(100)

const previewQuery = z.object({
  count: z.coerce.number().pipe(count).default(10),
  after: instantInQuery.optional(),
})

const previewBody = newScheduleBody
  .pick({ cron_expression: true, every: true, run_at: true, timezone: true, starts_at: true, ends_at: true })
  .extend({ count: count.default(10), after: instant.optional() })

/** The coming instants of schedules and of timetables that are not saved. Jitter is no part of them. */
export function previewRouter(db: Db): Router {
  const router = Router()

  router.get('/schedules/:id/preview', async (request, response) => {
    const query = parse(previewQuery, request.query)
    const schedule = await findSchedule(db, request.params.id)
    if (schedule === undefined) throw notFound('schedule', request.params.id)
    const { id, name, enabled } = schedule
    const { timetable, runsLeft, now } = await timetableOf(db, id)
    const next = upcoming(timetable, query.after ?? now, Math.min(query.count, runsLeft ?? query.count))
    response.json({ data: { id, name, enabled, ...presentPreview(timetable, next) } })
  })

  router.post('/cron/preview', async (request, response) => {
    const { count, after, ...given } = parse(previewBody, request.body)
    const { timetable, now } = await readTimetable(db, given, after)
    response.json({ data: presentPreview(timetable, requireUpcoming(timetable, now, count)) })
  })

  return router
}

function presentPreview(timetable: Timetable, next: readonly UpcomingInstant[]) {
  const { cronExpression, everyMs, runAt, startsAt, endsAt, timezone } = timetable
  return {
    description: plainWords(timetable),
    timezone,
    cron_expression: cronExpression,
    every: toIsoDuration(everyMs === null ? null : everyMs / 1_000),
    run_at: toDate(runAt),
    starts_at: toDate(startsAt),
    ends_at: toDate(endsAt),
    next: next.map(({ at, local, clockChange }) => ({ at: new Date(at), local, clock_change: clockChange })),
  }
}

function toDate(instant: number | null): Date | null {
  return instant === null ? null : new Date(instant)
}
