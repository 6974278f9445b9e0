import { Router } from 'express'
import { z } from 'zod'
import { type RunStatus, runStatuses } from '../core/run-state.ts'
import { countRuns, listRuns } from '../store/run-listing.ts'
import { cancelRun, findRun, type Run } from '../store/runs.ts'
import type { Db } from '../store/tables.ts'
import { toIsoDuration } from './duration.ts'
import { pageMeta, pageQuery, toLimit } from './paging.ts'
import { notFound, Problem, parse } from './problem.ts'

/** Totals are exact up to here; a longer history is not counted to its end. */
export const mostCounted = 10_000

const listQuery = z.object({
  ...pageQuery,
  schedule_id: z.uuid().optional(),
  task_name: z.string().optional(),
  status: z.enum(runStatuses as [RunStatus, ...RunStatus[]]).optional(),
})

const runId = z.string().regex(/^[1-9]\d{0,17}$/)

/** The history of all schedules. */
export function runsRouter(db: Db): Router {
  const router = Router()

  router.get('/runs', async (request, response) => {
    const query = parse(listQuery, request.query)
    const filter = {
      scheduleId: query.schedule_id,
      taskName: query.task_name,
      statuses: query.status && [query.status],
    }
    const [{ rows: runs }, total] = await Promise.all([
      listRuns(db, filter, toLimit(query)),
      countRuns(db, filter, mostCounted),
    ])
    response.json({ data: runs.map(presentRun), meta: pageMeta(query, total) })
  })

  router.get('/runs/:id', async (request, response) => {
    const { id } = request.params
    const found = runId.safeParse(id).success ? await findRun(db, id) : null
    if (found === null) throw notFound('run', id)
    response.json({ data: { ...presentRun(found.run), attempts: found.attempts } })
  })

  router.post('/runs/:id/cancel', async (request, response) => {
    const { id } = request.params
    const isCancelled = runId.safeParse(id).success && (await cancelRun(db, id))
    const found = runId.safeParse(id).success ? await findRun(db, id) : null
    if (found === null) throw notFound('run', id)
    const isUnderWay = isCancelled || found.run.status === 'running'
    if (!isUnderWay) throw new Problem(409, 'run_over', `run ${id} is ${found.run.status} already`)
    response.status(202).json({ data: presentRun(found.run) })
  })

  return router
}

/** A run as responses show it. Durations are in milliseconds, null until known. */
export function presentRun(run: Run) {
  return {
    ...run,
    timeout: toIsoDuration(run.timeout),
    lateness_ms: run.started_at && run.started_at.getTime() - run.scheduled_for.getTime(),
    duration_ms: run.started_at && run.finished_at && run.finished_at.getTime() - run.started_at.getTime(),
  }
}
