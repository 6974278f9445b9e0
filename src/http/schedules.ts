import { type Response, Router } from 'express'
import { z } from 'zod'
import { countRuns, listRuns } from '../store/run-listing.ts'
import { findRun, triggerRun } from '../store/runs.ts'
import { countSchedules } from '../store/schedule-filter.ts'
import { listSchedules } from '../store/schedule-listing.ts'
import {
  changeSchedule,
  createSchedule,
  deleteSchedule,
  findSchedule,
  type Schedule,
  type ScheduleChanges,
} from '../store/schedules.ts'
import type { Db } from '../store/tables.ts'
import { actor } from './actor.ts'
import { toHistoryEntry } from './documents.ts'
import { jsonValue } from './json-value.ts'
import { pageMeta, pageQuery, toLimit } from './paging.ts'
import { notFound, parse } from './problem.ts'
import { mostCounted, presentRun } from './runs.ts'
import {
  columnDefaults,
  newScheduleBody,
  presentSchedule,
  scheduleChangesBody,
  toChanges,
  toNewSchedule,
} from './schedule-body.ts'

const flag = z.stringbool()
const list = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat().flatMap(splitAtCommas))
const listQuery = z.object({
  ...pageQuery,
  enabled_only: flag.optional(),
  category: z.string().optional(),
  tags: list.optional(),
  task_name: z.string().optional(),
  search: z.string().optional(),
})
const runsQuery = z.object(pageQuery)
const noteBody = z.strictObject({ note: z.string().max(10_000).optional() })
const triggerBody = z.strictObject({ payload: jsonValue.optional() })

function splitAtCommas(value: string): string[] {
  return value.split(',').filter((part) => part !== '')
}

/** Schedules, and the runs of one. `{id}` is an id or a name. */
export function schedulesRouter(db: Db): Router {
  const router = Router()

  router.get('/schedules', async (request, response) => {
    const query = parse(listQuery, request.query)
    const filter = {
      enabled: query.enabled_only || undefined,
      category: query.category,
      tags: query.tags,
      taskName: query.task_name,
      search: query.search,
    }
    const [{ rows: schedules }, total] = await Promise.all([
      listSchedules(db, filter, toLimit(query)),
      countSchedules(db, filter, mostCounted),
    ])
    response.json({ data: schedules.map(presentSchedule), meta: pageMeta(query, total) })
  })

  router.post('/schedules', async (request, response) => {
    const created = await createSchedule(db, actor(), toNewSchedule(parse(newScheduleBody, request.body)))
    response.status(201).location(`${request.baseUrl}/schedules/${created.id}`)
    send(response, created)
  })

  router.get('/schedules/:id', async (request, response) => {
    send(response, await existing(request.params.id))
  })

  router.put('/schedules/:id', async (request, response) => {
    const body = parse(newScheduleBody, request.body)
    const stored = await existing(request.params.id)
    await change(response, stored, { ...columnDefaults, ...toNewSchedule(body, stored) })
  })

  router.patch('/schedules/:id', async (request, response) => {
    const body = parse(scheduleChangesBody, request.body)
    const stored = await existing(request.params.id)
    await change(response, stored, toChanges(body, stored))
  })

  router.delete('/schedules/:id', async (request, response) => {
    send(response, found(await deleteSchedule(db, actor(), request.params.id), request.params.id))
  })

  for (const action of ['disable', 'pause']) {
    router.post(`/schedules/:id/${action}`, async (request, response) => {
      const { note } = parse(noteBody, request.body ?? {})
      await change(response, await existing(request.params.id), {
        enabled: false,
        ...(note !== undefined && { pause_note: note }),
      })
    })
  }

  for (const action of ['enable', 'resume']) {
    router.post(`/schedules/:id/${action}`, async (request, response) => {
      const { note } = parse(noteBody, request.body ?? {})
      await change(response, await existing(request.params.id), { enabled: true }, note)
    })
  }

  router.post('/schedules/:id/trigger', async (request, response) => {
    const { payload } = parse(triggerBody, request.body ?? {})
    const runId = await triggerRun(db, request.params.id, payload)
    const triggered = runId === null ? null : await findRun(db, runId)
    if (triggered === null) throw notFound('schedule', request.params.id)
    response.status(202).json({ data: presentRun(triggered.run) })
  })

  router.get('/schedules/:id/runs', async (request, response) => {
    const { runs, meta } = await runsOf(await existing(request.params.id), request.query)
    response.json({ data: runs.map(presentRun), meta })
  })

  router.get('/schedules/:id/history', async (request, response) => {
    const { runs, meta } = await runsOf(await existing(request.params.id), request.query)
    response.json({ data: { history: runs.map(toHistoryEntry) }, meta })
  })

  return router

  async function change(response: Response, { id }: Schedule, changes: ScheduleChanges, note?: string): Promise<void> {
    const hasChanges = Object.keys(changes).length > 0
    const changed = hasChanges ? await changeSchedule(db, actor(note), id, changes) : await existing(id)
    send(response, found(changed, id))
  }

  async function existing(ref: string): Promise<Schedule> {
    return found(await findSchedule(db, ref), ref)
  }

  async function runsOf({ id }: Schedule, rawQuery: unknown) {
    const query = parse(runsQuery, rawQuery)
    const [{ rows: runs }, total] = await Promise.all([
      listRuns(db, { scheduleId: id }, toLimit(query)),
      countRuns(db, { scheduleId: id }, mostCounted),
    ])
    return { runs, meta: pageMeta(query, total) }
  }
}

function found(schedule: Schedule | undefined, ref: string): Schedule {
  if (schedule === undefined) throw notFound('schedule', ref)
  return schedule
}

function send(response: Response, schedule: Schedule): void {
  response.json({ data: presentSchedule(schedule) })
}
