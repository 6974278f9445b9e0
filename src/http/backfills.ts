import { Router } from 'express'
import { z } from 'zod'
import { backfillChoices, backfillStates, tooLong } from '../core/backfill.ts'
import { type ListedInstant, listInstants } from '../store/backfill-listing.ts'
import {
  type Backfill,
  type BackfillRequest,
  cancelBackfill,
  checkBackfill,
  findBackfill,
  listBackfills,
  requestBackfill,
} from '../store/backfills.ts'
import { timetableOf } from '../store/preview.ts'
import { Refused } from '../store/refusal.ts'
import { findSchedule, type Schedule } from '../store/schedules.ts'
import type { Db } from '../store/tables.ts'
import { actor } from './actor.ts'
import { instant } from './instant.ts'
import { jsonValue } from './json-value.ts'
import { pageMeta, pageQuery, toLimit } from './paging.ts'
import { notFound, Problem, parse } from './problem.ts'

const requestBody = z.strictObject({
  starts_at: instant,
  ends_at: instant,
  which: z.enum(backfillChoices).default('missing'),
  max_active: z.int().min(1).max(1_000).default(1),
  payload: jsonValue.optional(),
  dry_run: z.boolean().default(false),
})
const listQuery = z.object({ ...pageQuery, status: z.enum(backfillStates).optional() })

/** A dry run shows so many instants and counts all of them. */
const mostShown = 1_000

/** Runs of past ranges. */
export function backfillsRouter(db: Db): Router {
  const router = Router()

  router.post('/schedules/:id/backfill', async (request, response) => {
    const { dry_run: isDryRun, ...body } = parse(requestBody, request.body)
    const asked = {
      startsAt: new Date(body.starts_at).toISOString(),
      endsAt: new Date(body.ends_at).toISOString(),
      which: body.which,
      maxActive: body.max_active,
      payload: body.payload,
    }
    const schedule = await existing(request.params.id)
    if (isDryRun) return void response.json(await dryRun(schedule, asked))
    const backfill = await requestBackfill(db, actor(), schedule.id, asked)
    if (backfill === null) throw notFound('schedule', request.params.id)
    response.status(202).location(`${request.baseUrl}/backfills/${backfill.id}`)
    response.json({ data: presentBackfill(backfill) })
  })

  router.get('/schedules/:id/backfills', async (request, response) => {
    const query = parse(listQuery, request.query)
    const filter = { scheduleId: (await existing(request.params.id)).id, status: query.status }
    const { backfills, total } = await listBackfills(db, filter, toLimit(query))
    response.json({ data: backfills.map(presentBackfill), meta: pageMeta(query, total) })
  })

  router.get('/backfills', async (request, response) => {
    const query = parse(listQuery, request.query)
    const { backfills, total } = await listBackfills(db, { status: query.status }, toLimit(query))
    response.json({ data: backfills.map(presentBackfill), meta: pageMeta(query, total) })
  })

  router.get('/backfills/:id', async (request, response) => {
    response.json({ data: presentBackfill(await existingBackfill(request.params.id)) })
  })

  router.post('/backfills/:id/cancel', async (request, response) => {
    const { id } = await existingBackfill(request.params.id)
    if (!(await cancelBackfill(db, id))) throw new Problem(409, 'backfill_over', `backfill ${id} is over already`)
    response.json({ data: presentBackfill(await existingBackfill(id)) })
  })

  return router

  async function existing(ref: string): Promise<Schedule> {
    const schedule = await findSchedule(db, ref)
    if (schedule === undefined) throw notFound('schedule', ref)
    return schedule
  }

  async function existingBackfill(id: string): Promise<Backfill> {
    const found = /^[1-9]\d{0,17}$/.test(id) ? await findBackfill(db, id) : null
    if (found === null) throw notFound('backfill', id)
    return found
  }

  async function dryRun({ id }: Schedule, asked: BackfillRequest) {
    await checkBackfill(db, asked)
    const { timetable } = await timetableOf(db, id)
    const upTo = Date.parse(asked.endsAt)
    const instants: ListedInstant[] = []
    let after = Date.parse(asked.startsAt) - 1
    for (let isAtEnd = false; !isAtEnd; after = instants.at(-1)?.at ?? after) {
      const slice = await listInstants(db, { scheduleId: id, timetable, which: asked.which, after, upTo })
      instants.push(...slice.instants)
      isAtEnd = slice.isAtEnd
      const refusal = tooLong(instants.length)
      if (refusal !== null) throw new Refused('backfill', 'ends_at', refusal)
    }
    const chosen = instants.filter(({ isChosen }) => isChosen).length
    return {
      data: instants.slice(0, mostShown).map(presentInstant),
      meta: { dry_run: true, instants: instants.length, chosen, shown: Math.min(instants.length, mostShown) },
    }
  }
}

function presentInstant({ at, found, isChosen, clockChange }: ListedInstant) {
  return { scheduled_for: new Date(at), found, chosen: isChosen, clock_change: clockChange }
}

function presentBackfill(backfill: Backfill) {
  const { instants, chosen, remaining, queued, running, succeeded, failed, cancelled, taken_over, ...row } = backfill
  const counts = { instants, chosen, remaining, queued, running, succeeded, failed, cancelled, taken_over }
  return {
    ...row,
    progress: Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Number(count)])),
  }
}
