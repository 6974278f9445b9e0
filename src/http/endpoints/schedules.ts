import { z } from 'zod'
import { countSchedules, listSchedules, scheduleSorts } from '../../store/schedule-listing.ts'
import { createSchedule } from '../../store/schedules.ts'
import { actorOf } from '../access/caller.ts'
import { toCursor, toScheduleKey } from '../cursor.ts'
import { endpoint } from '../endpoint.ts'
import { existingSchedule } from '../existing.ts'
import { flagInQuery } from '../fields/in-query.ts'
import { mostCounted, pageOf, pageQuery, readPage, toPart } from '../fields/paging.ts'
import {
  columnDefaults,
  newScheduleBody,
  presentSchedule,
  scheduleChangesBody,
  scheduleResource,
  toChanges,
  toNewSchedule,
} from '../resources/schedule.ts'
import { scheduleFilterQuery, toScheduleFilter } from '../resources/schedule-filter.ts'
import { changeAtRevision, deleteAtRevision, etagHeader, etagOf } from '../revision.ts'
import { answerWritten, checkTask, requireWorker, writtenSchedule } from '../written-schedule.ts'

const tag = 'Schedules'

const strictQuery = z.strictObject({
  strict: flagInQuery
    .optional()
    .describe(
      'Refuse a task that no live worker has, instead of flagging it; one that nobody ever published is always refused',
    ),
})

const one = z.object({ data: scheduleResource })

const example = {
  name: 'nightly-report',
  task_name: 'echo',
  cron_expression: '30 2 * * *',
  timezone: 'Asia/Tokyo',
  payload: { of: 'yesterday' },
  tags: ['reports'],
}

export const listSchedulesEndpoint = endpoint({
  id: 'listSchedules',
  method: 'get',
  path: '/api/v1/schedules',
  tag,
  role: 'viewer',
  summary: 'List schedules',
  query: z.strictObject({
    ...pageQuery,
    ...scheduleFilterQuery,
    sort: z.enum(scheduleSorts).default('name').describe('`next_run_at` lists only those that have one'),
  }),
  status: 200,
  content: pageOf(scheduleResource),
  async handle({ query }, { db, catalogue }) {
    const { sort } = query
    const filter = toScheduleFilter(query)
    const part = toPart(query)
    const after = query.cursor === undefined ? undefined : toScheduleKey(sort, query.cursor)
    const live = await catalogue.liveTasks()
    const { rows, meta } = await readPage(part, {
      read: () => listSchedules(db, filter, { ...part, sort, after }),
      count: () => countSchedules(db, filter, sort, mostCounted),
      toCursor: (next) => toCursor(sort, next),
    })
    return { content: { data: rows.map((row) => presentSchedule(row, live)), meta } }
  },
})

export const createScheduleEndpoint = endpoint({
  id: 'createSchedule',
  method: 'post',
  path: '/api/v1/schedules',
  tag,
  role: 'admin',
  summary: 'Create a schedule',
  query: strictQuery,
  body: newScheduleBody,
  example,
  status: 201,
  content: writtenSchedule,
  headers: { ...etagHeader, Location: 'Where the schedule is' },
  problems: ['invalid_schedule', 'invalid_payload', 'no_live_worker', 'name_taken'],
  async handle({ body, query, caller }, services) {
    const { db, catalogue } = services
    const given = { timezone: services.timezone, ...toNewSchedule(body) }
    await requireWorker(services, given.task_name, query.strict)
    await catalogue.checkPayload(given.task_name, JSON.parse(given.payload ?? '{}'))
    const created = await createSchedule(db, actorOf(caller), given)
    const { content, headers } = await answerWritten(services, created)
    return { content, headers: { ...headers, Location: `/api/v1/schedules/${created.id}` } }
  },
})

export const getScheduleEndpoint = endpoint({
  id: 'getSchedule',
  method: 'get',
  path: '/api/v1/schedules/{id}',
  tag,
  role: 'viewer',
  summary: 'Show a schedule',
  status: 200,
  content: one,
  headers: etagHeader,
  problems: ['schedule_not_found'],
  async handle({ params }, { db, catalogue }) {
    const schedule = await existingSchedule(db, params.id)
    const data = presentSchedule(schedule, await catalogue.liveTasks())
    return { content: { data }, headers: etagOf(schedule) }
  },
})

export const replaceScheduleEndpoint = endpoint({
  id: 'replaceSchedule',
  method: 'put',
  path: '/api/v1/schedules/{id}',
  tag,
  role: 'admin',
  summary: 'Replace a schedule',
  description:
    'What the body leaves out becomes what it is for a schedule that is created without it; only the name stays.',
  query: strictQuery,
  body: newScheduleBody,
  example,
  status: 200,
  content: writtenSchedule,
  headers: etagHeader,
  isConditional: true,
  problems: ['schedule_not_found', 'invalid_schedule', 'invalid_payload', 'no_live_worker', 'name_taken'],
  async handle({ params, query, body, caller, revisions }, services) {
    const stored = await existingSchedule(services.db, params.id)
    const changes = { ...columnDefaults, timezone: services.timezone, ...toNewSchedule(body, stored) }
    await checkTask(services, stored, changes, query.strict)
    return answerWritten(services, await changeAtRevision(services.db, { stored, changes, caller, revisions }))
  },
})

export const changeScheduleEndpoint = endpoint({
  id: 'changeSchedule',
  method: 'patch',
  path: '/api/v1/schedules/{id}',
  tag,
  role: 'admin',
  summary: 'Change a schedule',
  description: 'What the body leaves out stays as it is.',
  query: strictQuery,
  body: scheduleChangesBody,
  example: { description: 'Runs after the market has closed', cron_expression: '30 16 * * 1-5' },
  status: 200,
  content: writtenSchedule,
  headers: etagHeader,
  isConditional: true,
  problems: ['schedule_not_found', 'invalid_schedule', 'invalid_payload', 'no_live_worker', 'name_taken'],
  async handle({ params, query, body, caller, revisions }, services) {
    const stored = await existingSchedule(services.db, params.id)
    const changes = toChanges(body, stored)
    await checkTask(services, stored, changes, query.strict)
    return answerWritten(services, await changeAtRevision(services.db, { stored, changes, caller, revisions }))
  },
})

export const deleteScheduleEndpoint = endpoint({
  id: 'deleteSchedule',
  method: 'delete',
  path: '/api/v1/schedules/{id}',
  tag,
  role: 'admin',
  summary: 'Delete a schedule',
  description: 'Its runs are kept.',
  status: 200,
  content: one,
  isConditional: true,
  problems: ['schedule_not_found'],
  async handle({ params, caller, revisions }, { db, catalogue }) {
    const stored = await existingSchedule(db, params.id)
    const deleted = await deleteAtRevision(db, { stored, caller, revisions })
    return { content: { data: presentSchedule(deleted, await catalogue.liveTasks()) } }
  },
})
