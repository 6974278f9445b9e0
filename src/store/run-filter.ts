import { type RawBuilder, sql } from 'kysely'
import { statusesWithReason } from '../core/run-reason.ts'
import type { RunStatus } from '../core/run-state.ts'
import type { RunsTable } from './tables.ts'

type RunOrigin = RunsTable['origin']

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
  /** Those that this worker is running now. */
  readonly nodeId?: string | undefined
}

/**
 * A filter as conditions on `pgbeat.runs`: runs that meet all of one of the lists. Each list has an index for itself. Asked
 * for at once, two states that are rare would be looked for among all runs.
 * @param isPlannedOnce the instants are written out, so that a plan which is kept has no more partitions than it needs
 */
export function runConditions(filter: RunFilter, { isPlannedOnce = false } = {}): RawBuilder<unknown>[][] {
  const { scheduleId, taskName, reason, from, until, backfillId, origins, nodeId } = filter
  const statuses = impliesStatuses(filter) ? undefined : possibleStatuses(filter)
  if (statuses?.length === 0) return [[sql`false`]]
  const instant = isPlannedOnce ? writtenOut : given
  const common: RawBuilder<unknown>[] = []
  if (scheduleId !== undefined) common.push(sql`schedule_id = ${scheduleId}`)
  if (taskName !== undefined) common.push(sql`task_name = ${taskName}`)
  if (reason !== undefined) common.push(sql`reason = ${isKnown(reason) ? sql.lit(reason) : reason}`)
  if (from !== undefined) common.push(sql`scheduled_for >= ${instant(from)}`)
  if (until !== undefined) common.push(sql`scheduled_for < ${instant(until)}`)
  if (nodeId !== undefined) common.push(sql`node_id = ${nodeId}`)
  if (backfillId !== undefined) common.push(sql`backfill_id = ${backfillId}`)
  if (statuses === undefined && origins !== undefined) {
    return byIndex('origin', origins, indexedOrigins).map((branch) => [branch, ...common])
  }
  if (origins !== undefined) common.push(isOneOf('origin', origins))
  if (statuses === undefined) return [common]
  return byIndex('status', statuses, indexedStatuses).map((branch) => [branch, ...common])
}

/** Where a reason is all that is said of the state: without a condition beside it, its index is enough to count by. */
function impliesStatuses({ statuses, reason, nodeId }: RunFilter): boolean {
  return reason !== undefined && statuses === undefined && nodeId === undefined && isKnown(reason)
}

/** Whether it is one of ours. There are few, and each has a plan of its own; whatever else somebody asks for has none. */
function isKnown(reason: string): boolean {
  return statusesWithReason(reason).length > 0
}

/** Those asked for which a run can have that is as it is asked for. */
function possibleStatuses({ statuses, reason, nodeId }: RunFilter): readonly RunStatus[] | undefined {
  const possible = [
    ...(statuses === undefined ? [] : [statuses]),
    ...(reason === undefined ? [] : [statusesWithReason(reason)]),
    ...(nodeId === undefined ? [] : [['running'] as const]),
  ]
  const [first, ...others] = possible
  return first?.filter((status) => others.every((other) => (other as readonly RunStatus[]).includes(status)))
}

/** What the partial indexes of pgbeat.runs have; the usual values, succeeded and schedule, are found wherever one looks. */
const indexedStatuses: RunStatus[][] = [
  ['queued', 'running', 'retrying'],
  ['waiting'],
  ['failed'],
  ['cancelled'],
  ['skipped'],
  ['missed'],
]
const indexedOrigins: RunOrigin[][] = [['catch_up'], ['backfill'], ['manual']]

/** One condition for each index that is asked; just one when there is none for a part of the values. */
function byIndex<Value extends string>(column: string, values: readonly Value[], indexed: Value[][]) {
  const groups = indexed.map((group) => group.filter((value) => values.includes(value)))
  const found = new Set(groups.flat())
  if (values.length === 0 || values.some((value) => !found.has(value))) return [isOneOf(column, values)]
  return groups.filter((group) => group.length > 0).map((group) => isOneOf(column, group))
}

/** Written out, for the planner to see which of the partial indexes have them. */
function isOneOf(column: string, values: readonly string[]): RawBuilder<unknown> {
  if (values.length === 0) return sql`false`
  return sql`${sql.ref(column)} in (${sql.join(values.map((value) => sql.lit(value)))})`
}

function given(milliseconds: number): RawBuilder<unknown> {
  return sql`${new Date(milliseconds).toISOString()}::timestamptz`
}

function writtenOut(milliseconds: number): RawBuilder<unknown> {
  return sql`${sql.lit(new Date(milliseconds).toISOString())}::timestamptz`
}
