import { z } from 'zod'
import { countSchedules } from '../../store/schedule-filter.ts'
import { listSchedules, scheduleSorts } from '../../store/schedule-listing.ts'
import {
  changeSchedule,
  createSchedule,
  deleteSchedule,
  findSchedule,
  type Schedule,
  type ScheduleChanges,
} from '../../store/schedules.ts'
import type { Db } from '../../store/tables.ts'
import { actorOf } from '../caller.ts'
import { toCursor, toScheduleKey } from '../cursor.ts'
import { type Answer, endpoint } from '../endpoint.ts'
import { flagInQuery } from '../fields/in-query.ts'
import { mostCounted, pageOf, pageQuery, toPageMeta, toPart } from '../fields/paging.ts'
import { notFound, Problem } from '../problem.ts'
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
import type { Services } from '../services.ts'

const tag = 'Schedules'

const strictQuery = z.strictObject({
  strict: flagInQuery.optional().describe('Refuse a task that no live worker has, instead of flagging it'),
})

const warning = z.object({ code: z.literal('no_live_worker'), message: z.string() }).meta({ id: 'Warning' })

const one = z.object({ data: scheduleResource })
const written = z.object({
  data: scheduleResource,
  meta: z.object({ warnings: z.array(warning).describe('What works and is worth a look') }),
})

const etag = { ETag: 'The revision, in quotes; `If-Match` takes it' }

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
    const { rows, next } = await listSchedules(db, filter, { ...part, sort, after })
    const meta = await toPageMeta(part, {
      shown: rows.length,
      nextCursor: next && toCursor(sort, next),
      count: () => countSchedules(db, filter, mostCounted),
    })
    const live = await catalogue.liveTasks()
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
  content: written,
  headers: { ...etag, Location: 'Where the schedule is' },
  problems: ['invalid_schedule', 'invalid_payload', 'no_live_worker', 'name_taken'],
  async handle({ body, query, caller }, services) {
    const { db, catalogue } = services
    const given = toNewSchedule(body)
    await requireWorker(services, given.task_name, query.strict)
    await catalogue.checkPayload(db, given.task_name, JSON.parse(given.payload ?? '{}'))
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
  headers: etag,
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
  description: 'What the body leaves out becomes what it is where an INSERT leaves it out; only the name stays.',
  query: strictQuery,
  body: newScheduleBody,
  example,
  status: 200,
  content: written,
  headers: etag,
  isConditional: true,
  problems: ['schedule_not_found', 'invalid_schedule', 'invalid_payload', 'no_live_worker', 'name_taken'],
  async handle({ params, query, body, caller, revisions }, services) {
    const stored = await existingSchedule(services.db, params.id)
    const changes = { ...columnDefaults, ...toNewSchedule(body, stored) }
    await checkTask(services, stored, changes, query.strict)
    return answerWritten(services, await change(services.db, { stored, changes, caller, revisions }))
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
  content: written,
  headers: etag,
  isConditional: true,
  problems: ['schedule_not_found', 'invalid_schedule', 'invalid_payload', 'no_live_worker', 'name_taken'],
  async handle({ params, query, body, caller, revisions }, services) {
    const stored = await existingSchedule(services.db, params.id)
    const changes = toChanges(body, stored)
    await checkTask(services, stored, changes, query.strict)
    return answerWritten(services, await change(services.db, { stored, changes, caller, revisions }))
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
    const deleted = await deleteSchedule(db, actorOf(caller), stored.id, revisions)
    if (deleted === undefined) throw await whyUnchanged(db, stored.id, revisions)
    return { content: { data: presentSchedule(deleted, await catalogue.liveTasks()) } }
  },
})

/** @throws Problem schedule_not_found */
export async function existingSchedule(db: Db, ref: string): Promise<Schedule> {
  const schedule = await findSchedule(db, ref)
  if (schedule === undefined) throw notFound('schedule', ref)
  return schedule
}

interface Change {
  readonly stored: Schedule
  readonly changes: ScheduleChanges
  readonly caller: Parameters<typeof actorOf>[0]
  readonly note?: string | undefined
  readonly revisions: readonly string[] | null
}

/** @throws Problem revision_mismatch, schedule_not_found */
export async function change(db: Db, { stored, changes, caller, note, revisions }: Change): Promise<Schedule> {
  const changed = await changeSchedule(db, actorOf(caller, note), stored.id, changes, revisions)
  if (changed === undefined) throw await whyUnchanged(db, stored.id, revisions)
  return changed
}

async function whyUnchanged(db: Db, id: string, revisions: readonly string[] | null): Promise<Problem> {
  const current = await findSchedule(db, id)
  if (current === undefined || revisions === null) return notFound('schedule', id)
  const message = `the schedule has revision ${current.revision}, not ${revisions.join(' or ')}`
  return new Problem('revision_mismatch', message, {
    errors: [{ field: 'If-Match', message }],
    headers: etagOf(current),
  })
}

/** A task or payload that is new must be right; what was there before may stay. */
async function checkTask(
  services: Services,
  stored: Schedule,
  changes: ScheduleChanges,
  isStrict: boolean | undefined,
): Promise<void> {
  const taskName = changes.task_name ?? stored.task_name
  await requireWorker(services, taskName, isStrict)
  const payload = changes.payload === undefined ? stored.payload : JSON.parse(changes.payload)
  const isNew = taskName !== stored.task_name || JSON.stringify(payload) !== JSON.stringify(stored.payload)
  if (isNew) await services.catalogue.checkPayload(services.db, taskName, payload)
}

async function requireWorker({ catalogue }: Services, taskName: string, isStrict = false): Promise<void> {
  if (!isStrict || (await catalogue.hasWorker(taskName))) return
  const message = noWorkerMessage(taskName)
  throw new Problem('no_live_worker', message, { errors: [{ field: 'task_name', message }] })
}

function noWorkerMessage(taskName: string): string {
  return `no live worker has the task ${taskName}: its runs wait until one starts`
}

/** The answer to a write, with a word on what works and still is worth a look. */
export async function answerWritten({ catalogue }: Services, schedule: Schedule) {
  const data = presentSchedule(schedule, await catalogue.liveTasks())
  const warnings = data.task_has_worker
    ? []
    : [{ code: 'no_live_worker' as const, message: noWorkerMessage(data.task_name) }]
  return { content: { data, meta: { warnings } }, headers: etagOf(schedule) } satisfies Answer<z.output<typeof written>>
}

export const writtenSchedule = written
export const etagHeader = etag

function etagOf({ revision }: Schedule): Record<string, string> {
  return { ETag: `"${revision}"` }
}
