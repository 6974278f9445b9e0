import { z } from 'zod'
import { type Actor, asActor } from '../../store/as-actor.ts'
import {
  type ChosenSchedule,
  chooseSchedules,
  deleteSchedules,
  pauseSchedules,
  resumeSchedules,
  triggerSchedules,
} from '../../store/bulk.ts'
import { isNotFound } from '../../store/refusal.ts'
import type { Db } from '../../store/tables.ts'
import { actorOf, requirePayloadRight } from '../access/caller.ts'
import { endpoint } from '../endpoint.ts'
import { jsonValue } from '../fields/json-value.ts'
import { text } from '../fields/text.ts'
import { invalidField, Problem } from '../problem.ts'
import { scheduleFilterBody, toScheduleFilter } from '../resources/schedule-filter.ts'

const tag = 'Bulk actions'
const mostRefs = 10_000
const mostAtOnce = 100_000
const mostShown = 100

const description = `On the schedules with some ids or names, or on all that match a filter; up to ${mostAtOnce} at once, all of them or, when something goes wrong, none.`

const selection = {
  ids: z.array(text.min(1).max(200)).min(1).max(mostRefs).optional().describe('Ids or names; instead of a filter'),
  filter: scheduleFilterBody.optional().describe('Instead of ids; an empty one matches all'),
  dry_run: z.boolean().default(false).describe('Only tell which they would be'),
}

const note = text.max(10_000).optional().describe('For the audit trail')

const result = z.object({
  data: z
    .object({
      dry_run: z.boolean(),
      matched: z.int().describe('How many there are of those that were asked for'),
      changed: z.int().describe('How many of them changed or were run; in a dry run, how many would'),
      not_found: z.array(z.string()).describe('Ids and names that nothing has'),
      schedules: z
        .array(z.object({ id: z.guid(), name: z.string() }))
        .describe(`The first ${mostShown} of them by name`),
    })
    .meta({ id: 'BulkResult' }),
})

export const bulkPauseEndpoint = endpoint({
  id: 'pauseSchedules',
  method: 'post',
  path: '/api/v1/bulk/pause',
  tag,
  role: 'operator',
  summary: 'Pause schedules',
  description,
  body: z.strictObject({ ...selection, note }),
  example: { filter: { category: 'stocks' }, note: 'The exchange is closed' },
  status: 200,
  content: result,
  problems: ['too_many_schedules'],
  async handle({ body, caller }, { db }) {
    const act = (trx: Db, ids: string[]) => pauseSchedules(trx, ids, body.note)
    return inBulk(db, body, { actor: actorOf(caller, body.note), isMeant: ({ enabled }) => enabled, act })
  },
})

export const bulkResumeEndpoint = endpoint({
  id: 'resumeSchedules',
  method: 'post',
  path: '/api/v1/bulk/resume',
  tag,
  role: 'operator',
  summary: 'Resume schedules',
  description,
  body: z.strictObject({ ...selection, note }),
  example: { ids: ['nightly-report', 'hourly-report'] },
  status: 200,
  content: result,
  problems: ['too_many_schedules'],
  async handle({ body, caller }, { db }) {
    return inBulk(db, body, {
      actor: actorOf(caller, body.note),
      isMeant: ({ enabled }) => !enabled,
      act: resumeSchedules,
    })
  },
})

export const bulkTriggerEndpoint = endpoint({
  id: 'triggerSchedules',
  method: 'post',
  path: '/api/v1/bulk/trigger',
  tag,
  role: 'operator',
  summary: 'Run schedules now',
  description: `${description} A payload of its own takes the role admin.`,
  body: z.strictObject({ ...selection, note, payload: jsonValue.optional() }),
  example: { filter: { tags: ['reports'] }, dry_run: true },
  status: 200,
  content: result,
  problems: ['too_many_schedules', 'invalid_payload'],
  async handle({ body: { payload, ...body }, caller }, { db, catalogue }) {
    requirePayloadRight(caller, payload)
    return inBulk(db, body, {
      actor: actorOf(caller, body.note),
      isMeant: () => true,
      check: async (schedules) => {
        if (payload === undefined) return
        for (const taskName of new Set(schedules.map(({ task_name }) => task_name))) {
          await catalogue.checkPayload(taskName, payload)
        }
      },
      act: (trx, ids) => triggerSchedules(trx, ids, payload).catch(tellDeleted),
    })
  },
})

export const bulkDeleteEndpoint = endpoint({
  id: 'deleteSchedules',
  method: 'post',
  path: '/api/v1/bulk/delete',
  tag,
  role: 'admin',
  summary: 'Delete schedules',
  description: `${description} Their runs are kept.`,
  body: z.strictObject({ ...selection, note }),
  example: { filter: { search: 'obsolete' }, dry_run: true },
  status: 200,
  content: result,
  problems: ['too_many_schedules'],
  async handle({ body, caller }, { db }) {
    return inBulk(db, body, { actor: actorOf(caller, body.note), isMeant: () => true, act: deleteSchedules })
  },
})

interface Selection {
  readonly ids?: readonly string[] | undefined
  readonly filter?: z.output<typeof scheduleFilterBody> | undefined
  readonly dry_run: boolean
}

interface BulkAct {
  readonly actor: Actor
  /** Which of those that match it is about. */
  readonly isMeant: (schedule: ChosenSchedule) => boolean
  /** @throws Problem where they can't be acted on */
  readonly check?: (schedules: readonly ChosenSchedule[]) => Promise<void>
  readonly act: (trx: Db, ids: string[]) => Promise<number>
}

function tellDeleted(error: unknown): never {
  if (!isNotFound(error)) throw error
  throw new Problem('locked', 'one of the schedules was deleted just now: try again')
}

async function inBulk(db: Db, { ids, filter, dry_run: isDryRun }: Selection, { actor, isMeant, check, act }: BulkAct) {
  if ((ids === undefined) === (filter === undefined)) throw invalidField('ids', 'give either ids or a filter')
  const wanted = filter === undefined ? { refs: ids ?? [] } : toScheduleFilter(filter)
  return asActor(db, actor, async (trx) => {
    const { schedules, notFound } = await chooseSchedules(trx, wanted, mostAtOnce + 1)
    if (schedules.length > mostAtOnce) {
      throw new Problem('too_many_schedules', `more than ${mostAtOnce} schedules match: narrow the filter`)
    }
    const meant = schedules.filter(isMeant)
    await check?.(meant)
    // Somebody else may be pausing what this resumes: what is meant is decided once they are done.
    const ids = schedules.map(({ id }) => id)
    const changed = isDryRun ? meant.length : await act(trx, ids)
    return {
      content: {
        data: {
          dry_run: isDryRun,
          matched: schedules.length,
          changed,
          not_found: notFound,
          schedules: meant.slice(0, mostShown).map(({ id, name }) => ({ id, name })),
        },
      },
    }
  })
}
