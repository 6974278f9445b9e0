import { type RawBuilder, sql } from 'kysely'
import { statusesWithReason } from '../core/run-reason.ts'
import type { RunStatus } from '../core/run-state.ts'
import type { RunsTable } from './tables.ts'

export type RunOrigin = RunsTable['origin']

/** What runs must be, all of it at once; what is left out is not asked about. */
export interface RunFilter {
  readonly scheduleId?: string | undefined
  readonly taskName?: string | undefined
  /** One of these. */
  readonly statuses?: readonly RunStatus[] | undefined
  /** One of these. */
  readonly origins?: readonly RunOrigin[] | undefined
  readonly reason?: string | undefined
  /** scheduled_for, Unix milliseconds; inclusive. */
  readonly from?: number | undefined
  /** scheduled_for, Unix milliseconds; exclusive. */
  readonly until?: number | undefined
  readonly backfillId?: string | undefined
}

/**
 * A filter as conditions on `pgbeat.runs`: runs that meet all of one of the lists. Each list has an index that knows the
 * order by id. Asked for at once, two states that are rare would be looked for among all runs.
 */
export function runConditions(filter: RunFilter): RawBuilder<unknown>[][] {
  const { scheduleId, taskName, reason, from, until, backfillId, origins } = filter
  const statuses = filter.statuses ?? (reason === undefined ? undefined : statusesWithReason(reason))
  const common: RawBuilder<unknown>[] = []
  if (scheduleId !== undefined) common.push(sql`schedule_id = ${scheduleId}`)
  if (taskName !== undefined) common.push(sql`task_name = ${taskName}`)
  if (reason !== undefined) common.push(sql`reason = ${reason}`)
  if (from !== undefined) common.push(sql`scheduled_for >= ${instant(from)}`)
  if (until !== undefined) common.push(sql`scheduled_for < ${instant(until)}`)
  if (backfillId !== undefined) common.push(sql`backfill_id = ${backfillId}`)
  // Written out, for the planner to see which of the partial indexes have them.
  const hasStatus = statuses && branches('status', statuses, 'succeeded')
  const hasOrigin = origins && branches('origin', origins, 'schedule')
  if (hasStatus === undefined) return (hasOrigin ?? [[]]).map((branch) => [...branch, ...common])
  const isOfOrigin = origins === undefined ? [] : [isOneOf('origin', origins)]
  return hasStatus.map((branch) => [...branch, ...isOfOrigin, ...common])
}

/** A branch for each value, unless there is the usual one among them, which is found wherever one looks. */
function branches(column: string, values: readonly string[], usual: string): RawBuilder<unknown>[][] {
  const distinct = [...new Set(values)]
  if (distinct.length === 0 || distinct.includes(usual)) return [[isOneOf(column, distinct)]]
  return distinct.map((value) => [isOneOf(column, [value])])
}

function isOneOf(column: string, values: readonly string[]): RawBuilder<unknown> {
  if (values.length === 0) return sql`false`
  return sql`${sql.ref(column)} in (${sql.join(values.map((value) => sql.lit(value)))})`
}

function instant(milliseconds: number): RawBuilder<unknown> {
  return sql`${new Date(milliseconds).toISOString()}::timestamptz`
}
