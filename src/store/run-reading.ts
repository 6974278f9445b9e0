import { type RawBuilder, sql } from 'kysely'
import { seconds } from './duration.ts'
import { all, instantText } from './page.ts'
import { plannedAnew } from './prepared-statements.ts'
import { type RunFilter, runConditions } from './run-filter.ts'
import type { RunKey, RunSort } from './run-sort.ts'
import type { Run } from './runs.ts'
import type { Db } from './tables.ts'

/** Which of the runs that a filter finds. */
export interface Look {
  readonly sort: RunSort
  readonly after: RunKey | undefined
  readonly limit: number
  readonly offset: number
  /** Besides those of the filter. */
  readonly conditions?: readonly RawBuilder<unknown>[]
  /**
   * Whether the plan depends on the values: `once` keeps one with the instants of the filter written out, `anew` none. Left out,
   * Postgres decides.
   */
  readonly planned?: 'once' | 'anew' | undefined
}

export interface Found {
  readonly run: Run
  readonly at: string | null
}

export async function readRuns(db: Db, filter: RunFilter, look: Look): Promise<Found[]> {
  const { sort, after, limit, offset, planned, conditions: others = [] } = look
  const isDescending = sort === 'newest' || sort.startsWith('-')
  const direction = isDescending ? sql`desc` : sql`asc`
  const column = sort === 'newest' ? 'id' : (sort.replace('-', '') as 'id' | 'scheduled_for' | 'finished_at')
  const order =
    column === 'id' ? sql`order by id ${direction}` : sql`order by ${sql.ref(column)} ${direction}, id ${direction}`
  const isListed = [
    ...listedBy(sort),
    ...others,
    ...(after === undefined ? [] : [isAfter(column, isDescending, after)]),
  ]
  const byTask = column === 'id' && isByTaskAlone(filter) ? taskOrder(filter.taskName, isDescending, after) : undefined
  // Written out where it can be, for a plan that is kept must know how few are wanted to find them by an index.
  const most = offset === 0 ? sql`limit ${sql.lit(limit)}` : sql`limit ${limit + offset}`
  const page = offset === 0 ? most : sql`limit ${limit} offset ${offset}`
  const branches = runConditions(byTask ? { ...filter, taskName: undefined } : filter, {
    isPlannedOnce: planned === 'once',
  }).map(
    (conditions) =>
      sql`(select * from pgbeat.runs where ${all([...(byTask?.conditions ?? isListed), ...conditions])}
        ${byTask?.order ?? order} ${most})`,
  )
  const { rows } = await sql<
    Run & { at: string | null }
  >`${planned === 'anew' ? plannedAnew : sql``} select runs.*, ${sql.join(seconds('retry_delay', 'timeout'))}, ${column === 'id' ? sql`null` : instantText(sql.ref(column))} as at
    from (${sql.join(branches, sql` union all `)}) runs ${order} ${page}`.execute(db)
  return rows.map(({ at, ...run }) => ({ run, at }))
}

export function isByTaskAlone({ from: _, until: __, taskName, ...others }: RunFilter): boolean {
  return taskName !== undefined && Object.values(others).every((value) => value === undefined)
}

/**
 * The runs of one task by id, put as a range of tasks: a plan that is kept holds for every task, and takes any for a common
 * one. To find that by the id alone, it would read all runs for the sake of a task that has few.
 */
function taskOrder(task: string | undefined, isDescending: boolean, after: RunKey | undefined) {
  const direction = isDescending ? sql`desc` : sql`asc`
  const [ahead, behind] = isDescending ? [sql`<`, sql`>=`] : [sql`>`, sql`<=`]
  const begin =
    after === undefined
      ? sql`task_name ${ahead}= ${task}`
      : sql`(task_name, id) ${ahead} (${task}::text, ${after.id}::bigint)`
  return {
    conditions: [begin, sql`task_name ${behind} ${task}`],
    order: sql`order by task_name ${direction}, id ${direction}`,
  }
}

/** What a sort needs of a run to list it. */
export function listedBy(sort: RunSort): RawBuilder<unknown>[] {
  return sort.endsWith('finished_at') ? [sql`finished_at is not null`] : []
}

function isAfter(column: string, isDescending: boolean, after: RunKey): RawBuilder<unknown> {
  const comparison = isDescending ? sql`<` : sql`>`
  if (!('at' in after)) return sql`id ${comparison} ${after.id}`
  const at = sql`${after.at}::timestamptz`
  // The first condition is part of the second, but only that one tells which partitions can have it.
  return sql`${sql.ref(column)} ${comparison}= ${at}
    and (${sql.ref(column)}, id) ${comparison} (${at}, ${after.id}::bigint)`
}
