import { z } from 'zod'
import { listRunLogs } from '../../store/run-logs.ts'
import { cancelRun, findRun, retryRun } from '../../store/runs.ts'
import type { Db } from '../../store/tables.ts'
import { actorOf } from '../access/caller.ts'
import { toLogCursor, toRunLogKey } from '../cursor.ts'
import { endpoint } from '../endpoint.ts'
import { scheduleIdInQuery } from '../existing.ts'
import { integerInQuery } from '../fields/in-query.ts'
import { pageOf, pageQuery } from '../fields/paging.ts'
import { text } from '../fields/text.ts'
import { notFound, Problem } from '../problem.ts'
import { bigint, logLine, presentRun, presentRunDetail, runDetailResource, runResource } from '../resources/run.ts'
import { runFilterQuery, runPage, runSort } from '../resources/run-filter.ts'

const tag = 'Runs'
const mostLogLines = 1_000

export const listRunsEndpoint = endpoint({
  id: 'listRuns',
  method: 'get',
  path: '/api/v1/runs',
  tag,
  role: 'viewer',
  summary: 'List runs',
  description: 'The newest first, unless sorted otherwise.',
  query: z.strictObject({
    ...pageQuery,
    ...runFilterQuery,
    schedule_id: text.max(200).optional().describe('Id or name of a schedule; runs of a deleted one by its id'),
    task_name: text.max(128).optional(),
    backfill_id: bigint.optional(),
    node_id: z.guid().optional().describe('Those that this worker is running now'),
    sort: runSort,
  }),
  status: 200,
  content: pageOf(runResource),
  async handle({ query }, { db }) {
    const { task_name: taskName, backfill_id: backfillId, node_id: nodeId } = query
    const scheduleId = await scheduleIdInQuery(db, query.schedule_id)
    const { runs, meta } = await runPage(db, query, { scheduleId, taskName, backfillId, nodeId })
    return { content: { data: runs.map(presentRun), meta } }
  },
})

export const getRunEndpoint = endpoint({
  id: 'getRun',
  method: 'get',
  path: '/api/v1/runs/{id}',
  tag,
  role: 'viewer',
  summary: 'Show a run with its attempts and what they logged',
  status: 200,
  content: z.object({ data: runDetailResource }),
  problems: ['run_not_found'],
  async handle({ params }, { db }) {
    const { run, attempts } = await existingRun(db, params.id)
    const logs = await listRunLogs(db, run.id, run.scheduled_for, { limit: mostLogLines })
    return { content: { data: presentRunDetail(run, attempts, logs) } }
  },
})

export const runLogsEndpoint = endpoint({
  id: 'listRunLogs',
  method: 'get',
  path: '/api/v1/runs/{id}/logs',
  tag,
  role: 'viewer',
  summary: 'List what a run logged',
  description: 'In the order of its attempts.',
  query: z.strictObject({
    attempt: integerInQuery(0, 32_767).optional().describe('Only what this one logged'),
    per_page: integerInQuery(1, mostLogLines).optional().describe('How many lines at most; 200 when left out'),
    cursor: pageQuery.cursor,
  }),
  status: 200,
  content: z.object({
    data: z.array(logLine),
    meta: z.object({ next_cursor: z.string().nullable().describe('null on the last page') }),
  }),
  problems: ['run_not_found'],
  async handle({ params, query }, { db }) {
    const { attempt, per_page: limit = 200, cursor } = query
    const after = cursor === undefined ? undefined : toRunLogKey(cursor)
    const { run } = await existingRun(db, params.id)
    const { rows, next } = await listRunLogs(db, run.id, run.scheduled_for, { after, attempt, limit })
    return { content: { data: rows, meta: { next_cursor: next && toLogCursor(next) } } }
  },
})

export const cancelRunEndpoint = endpoint({
  id: 'cancelRun',
  method: 'post',
  path: '/api/v1/runs/{id}/cancel',
  tag,
  role: 'operator',
  summary: 'Cancel a run',
  description: 'One that is running ends as soon as its worker has heard of it.',
  status: 202,
  content: z.object({ data: runResource }),
  problems: ['run_not_found', 'run_over'],
  async handle({ params, caller }, { db }) {
    const { run } = await existingRun(db, params.id)
    const isCancelled = await cancelRun(db, actorOf(caller), run.id)
    const { run: current } = await existingRun(db, run.id)
    if (!isCancelled && current.status !== 'running') {
      throw new Problem('run_over', `run ${run.id} is ${current.status} already`)
    }
    return { content: { data: presentRun(current) } }
  },
})

export const retryRunEndpoint = endpoint({
  id: 'retryRun',
  method: 'post',
  path: '/api/v1/runs/{id}/retry',
  tag,
  role: 'operator',
  summary: 'Run again what is over',
  description: 'The same run with the same payload, now: it is queued anew and keeps its history of attempts.',
  status: 202,
  content: z.object({ data: runResource }),
  problems: ['run_not_found', 'run_under_way', 'invalid_run'],
  async handle({ params, caller }, { db }) {
    const { run } = await existingRun(db, params.id)
    const isRetried = await retryRun(db, actorOf(caller), run.id)
    if (isRetried === null) throw notFound('run', run.id)
    if (!isRetried) {
      throw new Problem('run_under_way', `run ${run.id} is under way still`)
    }
    return { content: { data: presentRun((await existingRun(db, run.id)).run) } }
  },
})

async function existingRun(db: Db, id: string) {
  const found = /^[1-9]\d{0,17}$/.test(id) ? await findRun(db, id) : null
  if (found === null) throw notFound('run', id)
  return found
}
