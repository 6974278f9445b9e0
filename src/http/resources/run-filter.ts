import { z } from 'zod'
import type { RunStatus } from '../../core/run-state.ts'
import { countRuns, listRuns, type RunFilter, runSorts, scheduleRunSorts } from '../../store/run-listing.ts'
import type { Run } from '../../store/runs.ts'
import type { Db } from '../../store/tables.ts'
import { readRunCursor, writeRunCursor } from '../cursor.ts'
import { instantInQuery } from '../fields/instant.ts'
import { listInQuery } from '../fields/in-query.ts'
import { mostCounted, toPage, toPageAnswer } from '../fields/paging.ts'
import { text } from '../fields/text.ts'
import { runOrigin, runStatus } from './run.ts'

/** Which runs, as lists are asked for them. */
export const runFilterQuery = {
  status: listInQuery(runStatus).optional(),
  origin: listInQuery(runOrigin).optional(),
  reason: text.max(100).optional(),
  from: instantInQuery.optional().describe('Those with scheduled_for at this instant or later'),
  until: instantInQuery.optional().describe('Those with scheduled_for before this instant'),
}

export const runSort = z.enum(runSorts).default('-id').describe('`-` is descending; by `finished_at` only finished runs')
export const runSortOfSchedule = z.enum(scheduleRunSorts).default('-scheduled_for')

interface Query {
  readonly page?: number | undefined
  readonly per_page?: number | undefined
  readonly cursor?: string | undefined
  readonly sort: (typeof runSorts | typeof scheduleRunSorts)[number]
  readonly status?: RunStatus[] | undefined
  readonly origin?: Run['origin'][] | undefined
  readonly reason?: string | undefined
  readonly task_name?: string | undefined
  readonly from?: number | undefined
  readonly until?: number | undefined
}

export async function runPage(db: Db, query: Query, scheduleId?: string) {
  const { sort } = query
  const page = toPage(query)
  const filter: RunFilter = {
    scheduleId,
    taskName: query.task_name,
    statuses: query.status,
    origins: query.origin,
    reason: query.reason,
    from: toDate(query.from),
    until: toDate(query.until),
  }
  const after = readRunCursor(sort, query.cursor)
  const rows = await listRuns(db, filter, { sort, limit: page.limit, offset: page.offset, after })
  return toPageAnswer(page, {
    rows,
    cursorAfter: (run) => writeRunCursor(sort, run),
    count: () => countRuns(db, filter, mostCounted),
  })
}

function toDate(instant: number | undefined): Date | undefined {
  return instant === undefined ? undefined : new Date(instant)
}
