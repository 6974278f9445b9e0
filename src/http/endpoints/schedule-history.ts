import { z } from 'zod'
import { hasScheduleEvents } from '../../store/schedule-events.ts'
import { findSchedule } from '../../store/schedules.ts'
import type { Db } from '../../store/tables.ts'
import { historyEntry, toHistoryEntry } from '../documents.ts'
import { endpoint } from '../endpoint.ts'
import { existingSchedule } from '../existing.ts'
import { pageOf, pageQuery } from '../fields/paging.ts'
import { notFound } from '../problem.ts'
import { presentRun, runResource } from '../resources/run.ts'
import { runFilterQuery, runPage, runSortOfSchedule } from '../resources/run-filter.ts'
import { scheduleEventPage, scheduleEventResource } from '../resources/schedule-event.ts'

const tag = 'Schedules'

export const scheduleRunsEndpoint = endpoint({
  id: 'listScheduleRuns',
  method: 'get',
  path: '/api/v1/schedules/{id}/runs',
  tag,
  role: 'viewer',
  summary: "List a schedule's runs",
  query: z.strictObject({ ...pageQuery, ...runFilterQuery, sort: runSortOfSchedule }),
  status: 200,
  content: pageOf(runResource),
  problems: ['schedule_not_found'],
  async handle({ params, query }, { db }) {
    const { id } = await existingSchedule(db, params.id)
    const { runs, meta } = await runPage(db, query, { scheduleId: id })
    return { content: { data: runs.map(presentRun), meta } }
  },
})

export const historyEndpoint = endpoint({
  id: 'listScheduleHistory',
  method: 'get',
  path: '/api/v1/schedules/{id}/history',
  tag,
  role: 'viewer',
  summary: "List a schedule's runs, in the documents' words",
  query: z.strictObject({ ...pageQuery, ...runFilterQuery, sort: runSortOfSchedule }),
  status: 200,
  content: z.object({
    data: z.object({ history: z.array(historyEntry) }),
    meta: pageOf(historyEntry).shape.meta,
  }),
  problems: ['schedule_not_found'],
  async handle({ params, query }, { db }) {
    const { id } = await existingSchedule(db, params.id)
    const { runs, meta } = await runPage(db, query, { scheduleId: id })
    return { content: { data: { history: runs.map(toHistoryEntry) }, meta } }
  },
})

export const scheduleEventsEndpoint = endpoint({
  id: 'listScheduleEvents',
  method: 'get',
  path: '/api/v1/schedules/{id}/events',
  tag,
  role: 'viewer',
  summary: 'List what was done to a schedule, and by whom',
  description: 'The newest first. By its id also after the schedule is gone.',
  query: z.strictObject({ ...pageQuery }),
  status: 200,
  content: pageOf(scheduleEventResource),
  problems: ['schedule_not_found'],
  async handle({ params, query }, { db }) {
    const scheduleId = await scheduleIdOf(db, params.id)
    return { content: await scheduleEventPage(db, query, { scheduleId }) }
  },
})

/** Of one that is there, or of one that was deleted and left events. */
async function scheduleIdOf(db: Db, ref: string): Promise<string> {
  const schedule = await findSchedule(db, ref)
  if (schedule !== undefined) return schedule.id
  if (await hasScheduleEvents(db, ref)) return ref
  throw notFound('schedule', ref)
}
