import { z } from 'zod'
import type { RunStatus } from '../../core/run-state.ts'
import type { RunFilter } from '../../store/run-filter.ts'
import { countRuns, listRuns } from '../../store/run-listing.ts'
import type { RunSort } from '../../store/run-sort.ts'
import type { Run } from '../../store/runs.ts'
import type { Db } from '../../store/tables.ts'
import { toCursor, toRunKey } from '../cursor.ts'
import { listInQuery } from '../fields/in-query.ts'
import { instantInQuery } from '../fields/instant.ts'
import { mostCounted, readPage, toPart } from '../fields/paging.ts'
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

export const runSort = z
  .enum(['newest', '-id', 'id', '-finished_at', 'finished_at'])
  .default('newest')
  .describe('`newest` looks at recent days first; `-` is descending; by `finished_at` only finished runs')
export const runSortOfSchedule = z.enum(['-scheduled_for', 'scheduled_for', '-id', 'id']).default('-scheduled_for')

interface Query {
  readonly page?: number | undefined
  readonly per_page?: number | undefined
  readonly cursor?: string | undefined
  readonly sort: RunSort
  readonly status?: RunStatus[] | undefined
  readonly origin?: Run['origin'][] | undefined
  readonly reason?: string | undefined
  readonly from?: number | undefined
  readonly until?: number | undefined
}

/** A page of runs, and what is said of it. */
export async function runPage(
  db: Db,
  query: Query,
  of: Pick<RunFilter, 'scheduleId' | 'taskName' | 'backfillId' | 'nodeId'>,
) {
  const { sort, cursor, status: statuses, origin: origins, reason, from, until } = query
  const part = toPart(query)
  const filter = { ...of, statuses, origins, reason, from, until }
  const after = cursor === undefined ? undefined : toRunKey(sort, cursor)
  const { rows: runs, meta } = await readPage(part, {
    read: () => listRuns(db, filter, { ...part, sort, after }),
    count: () => countRuns(db, filter, sort, mostCounted),
    toCursor: (next) => toCursor(sort, next),
  })
  return { runs, meta }
}
