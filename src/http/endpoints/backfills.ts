import { z } from 'zod'
import { backfillChoices, backfillStates, tooLong } from '../../core/backfill.ts'
import { type ListedInstant, listInstants } from '../../store/backfill-listing.ts'
import {
  type Backfill,
  type BackfillFilter,
  type BackfillRequest,
  cancelBackfill,
  checkBackfill,
  countBackfills,
  findBackfill,
  listBackfills,
  requestBackfill,
} from '../../store/backfills.ts'
import { Refused } from '../../store/refusal.ts'
import type { Schedule } from '../../store/schedules.ts'
import type { Db } from '../../store/tables.ts'
import { actorOf, requirePayloadRight } from '../access/caller.ts'
import { toCursor, toSmallerId } from '../cursor.ts'
import { endpoint } from '../endpoint.ts'
import { existingSchedule, existingTimetable } from '../existing.ts'
import { instant } from '../fields/instant.ts'
import { jsonValue } from '../fields/json-value.ts'
import { mostCounted, pageOf, pageQuery, readPage, toPart } from '../fields/paging.ts'
import { notFound, Problem } from '../problem.ts'
import { backfillResource, instantResource, presentBackfill, presentInstant } from '../resources/backfill.ts'

const tag = 'Backfills'

/** A dry run shows so many instants and counts all of them. */
const mostShown = 1_000

const one = z.object({ data: backfillResource })

const backfillBody = z
  .strictObject({
    starts_at: instant.describe('The first instant; inclusive'),
    ends_at: instant.describe('The last instant; inclusive, and in the past'),
    which: z.enum(backfillChoices).default('missing').describe('Which of the instants to run'),
    max_active: z.int().min(1).max(1_000).default(1).describe('How many of its runs may be under way at once'),
    payload: jsonValue.optional().describe("Instead of the schedule's own; takes the role admin"),
  })
  .meta({ id: 'BackfillRequest' })

const example = { starts_at: '2026-03-01T00:00:00Z', ends_at: '2026-03-02T00:00:00Z', max_active: 2 }

export const backfillEndpoint = endpoint({
  id: 'backfillSchedule',
  method: 'post',
  path: '/api/v1/schedules/{id}/backfill',
  tag,
  role: 'operator',
  summary: 'Run a past range of a schedule',
  body: backfillBody.extend({ dry_run: z.boolean().default(false).describe('Only show what would be run') }),
  example,
  status: 202,
  others: {
    200: {
      when: 'A dry run',
      content: z.object({
        data: z.array(instantResource),
        meta: z.object({ dry_run: z.literal(true), instants: z.int(), chosen: z.int(), shown: z.int() }),
      }),
    },
  },
  content: one,
  headers: { Location: 'Where the backfill is' },
  problems: ['schedule_not_found', 'invalid_backfill', 'invalid_payload'],
  async handle({ params, body: { dry_run: isDryRun, ...body }, caller }, { db, catalogue }) {
    requirePayloadRight(caller, body.payload)
    const schedule = await existingSchedule(db, params.id)
    if (body.payload !== undefined) await catalogue.checkPayload(schedule.task_name, body.payload)
    const asked = {
      startsAt: new Date(body.starts_at).toISOString(),
      endsAt: new Date(body.ends_at).toISOString(),
      which: body.which,
      maxActive: body.max_active,
      payload: body.payload,
    }
    if (isDryRun) return { status: 200, content: await dryRun(db, schedule, asked) }
    const backfill = await requestBackfill(db, actorOf(caller), schedule.id, asked)
    if (backfill === null) throw notFound('schedule', params.id)
    return {
      content: { data: presentBackfill(backfill) },
      headers: { Location: `/api/v1/backfills/${backfill.id}` },
    }
  },
})

const listQuery = z.strictObject({ ...pageQuery, status: z.enum(backfillStates).optional() })

export const scheduleBackfillsEndpoint = endpoint({
  id: 'listScheduleBackfills',
  method: 'get',
  path: '/api/v1/schedules/{id}/backfills',
  tag,
  role: 'viewer',
  summary: "List a schedule's backfills",
  query: listQuery,
  status: 200,
  content: pageOf(backfillResource),
  problems: ['schedule_not_found'],
  async handle({ params, query }, { db }) {
    const { id } = await existingSchedule(db, params.id)
    return { content: await backfillPage(db, query, { scheduleId: id, status: query.status }) }
  },
})

export const listBackfillsEndpoint = endpoint({
  id: 'listBackfills',
  method: 'get',
  path: '/api/v1/backfills',
  tag,
  role: 'viewer',
  summary: 'List backfills',
  query: listQuery,
  status: 200,
  content: pageOf(backfillResource),
  async handle({ query }, { db }) {
    return { content: await backfillPage(db, query, { status: query.status }) }
  },
})

export const getBackfillEndpoint = endpoint({
  id: 'getBackfill',
  method: 'get',
  path: '/api/v1/backfills/{id}',
  tag,
  role: 'viewer',
  summary: 'Show a backfill and its progress',
  status: 200,
  content: one,
  problems: ['backfill_not_found'],
  async handle({ params }, { db }) {
    return { content: { data: presentBackfill(await existingBackfill(db, params.id)) } }
  },
})

export const cancelBackfillEndpoint = endpoint({
  id: 'cancelBackfill',
  method: 'post',
  path: '/api/v1/backfills/{id}/cancel',
  tag,
  role: 'operator',
  summary: 'Cancel a backfill',
  description: 'Its runs that have not begun are cancelled; those that have go on.',
  status: 200,
  content: one,
  problems: ['backfill_not_found', 'backfill_over'],
  async handle({ params, caller }, { db }) {
    const { id } = await existingBackfill(db, params.id)
    if (!(await cancelBackfill(db, actorOf(caller), id))) {
      throw new Problem('backfill_over', `backfill ${id} is over already`)
    }
    return { content: { data: presentBackfill(await existingBackfill(db, id)) } }
  },
})

async function existingBackfill(db: Db, id: string): Promise<Backfill> {
  const found = /^[1-9]\d{0,17}$/.test(id) ? await findBackfill(db, id) : null
  if (found === null) throw notFound('backfill', id)
  return found
}

async function backfillPage(db: Db, query: z.output<typeof listQuery>, filter: BackfillFilter) {
  const part = toPart(query)
  const before = toSmallerId(query.cursor)
  const { rows, meta } = await readPage(part, {
    read: () => listBackfills(db, filter, { ...part, before }),
    count: () => countBackfills(db, filter, mostCounted),
    toCursor: (next) => toCursor('-id', next),
  })
  return { data: rows.map(presentBackfill), meta }
}

async function dryRun(db: Db, schedule: Pick<Schedule, 'id' | 'name'>, asked: BackfillRequest) {
  await checkBackfill(db, asked)
  const { timetable } = await existingTimetable(db, schedule)
  const upTo = Date.parse(asked.endsAt)
  const instants: ListedInstant[] = []
  let after = Date.parse(asked.startsAt) - 1
  for (let isAtEnd = false; !isAtEnd; after = instants.at(-1)?.at ?? after) {
    const slice = await listInstants(db, { scheduleId: schedule.id, timetable, which: asked.which, after, upTo })
    instants.push(...slice.instants)
    isAtEnd = slice.isAtEnd
    const refusal = tooLong(instants.length)
    if (refusal !== null) throw new Refused('backfill', 'ends_at', refusal)
  }
  const chosen = instants.filter(({ isChosen }) => isChosen).length
  return {
    data: instants.slice(0, mostShown).map(presentInstant),
    meta: {
      dry_run: true as const,
      instants: instants.length,
      chosen,
      shown: Math.min(instants.length, mostShown),
    },
  }
}
