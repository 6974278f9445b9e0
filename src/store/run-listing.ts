import { type RawBuilder, sql } from 'kysely'
import { type Stretch, stretchesBefore } from '../core/stretch.ts'
import { seconds } from './duration.ts'
import { readClock } from './forecast.ts'
import { all, instantText, type Page } from './page.ts'
import { type RunFilter, runConditions } from './run-filter.ts'
import type { Run } from './runs.ts'
import type { Db } from './tables.ts'

export const runSorts = [
  'newest',
  '-id',
  'id',
  '-scheduled_for',
  'scheduled_for',
  '-finished_at',
  'finished_at',
] as const
/**
 * `newest` is `-id` within each of the stretches in which it looks for runs, the latest first: what was written long after
 * its instant, as a backfill does, comes with its time. The others look at all partitions between `from` and `until`, and
 * `-scheduled_for` at no more of them than it needs.
 *
 * By scheduled_for is for the runs of one schedule; by finished_at lists those that are over.
 */
export type RunSort = (typeof runSorts)[number]

/** Where a part of a list ends: the values of its last row that it is sorted by. `at` is to the microsecond. */
export type RunKey =
  | { readonly id: string }
  | { readonly id: string; readonly at: string }
  /** The stretches are counted from an instant (Unix milliseconds) on; this is the one that the row is in. */
  | { readonly id: string; readonly anchor: number; readonly stretch: number }

export interface RunPart {
  readonly sort?: RunSort | undefined
  readonly limit: number
  /** Begin after this one, which must be of the same sort. */
  readonly after?: RunKey | undefined
  /** Pass over so many, which takes the longer the more they are. */
  readonly offset?: number | undefined
}

/** A part of the runs that a filter finds; by default the latest first. */
export async function listRuns(db: Db, filter: RunFilter, part: RunPart): Promise<Page<Run, RunKey>> {
  const sort = part.sort ?? (filter.scheduleId === undefined ? 'newest' : '-scheduled_for')
  const look = { sort, after: part.after, limit: part.limit + 1, offset: part.offset ?? 0 }
  const found =
    sort === 'newest' || sort === '-scheduled_for'
      ? await lookBack(db, filter, look)
      : (await readRuns(db, filter, look)).map((row) => ({ ...row, place: {} }))
  const rows = found.slice(0, part.limit)
  const last = rows.at(-1)
  return {
    rows: rows.map(({ run }) => run),
    next:
      found.length > part.limit && last ? { id: last.run.id, ...last.place, ...(last.at && { at: last.at }) } : null,
  }
}

interface Look {
  readonly sort: RunSort
  readonly after: RunKey | undefined
  readonly limit: number
  readonly offset: number
}

interface Found {
  readonly run: Run
  readonly at: string | null
}

interface Placed extends Found {
  /** The stretch in which it was found, where that is part of its key. */
  readonly place: { readonly anchor?: number; readonly stretch?: number }
}

/** Looks at one stretch after the other until there are enough. */
async function lookBack(db: Db, filter: RunFilter, look: Look): Promise<Placed[]> {
  const { sort, after, limit } = look
  const isNewest = sort === 'newest'
  const from = after && 'anchor' in after ? after : { anchor: await anchorOf(db, filter, look), stretch: 0 }
  const found: Placed[] = []
  let { offset } = look
  for (const [index, stretch] of stretchesBefore(from.anchor).entries()) {
    if (index < from.stretch || !touches(filter, stretch)) continue
    const isFirst = index === from.stretch
    const part = {
      sort,
      after: isFirst || !isNewest ? after : undefined,
      limit: limit - found.length,
      offset,
    }
    const within = between(filter, stretch)
    const rows = await readRuns(db, within, part)
    const place = isNewest ? { anchor: from.anchor, stretch: index } : {}
    found.push(...rows.map((row) => ({ ...row, place })))
    if (found.length === limit) break
    if (offset > 0) offset = rows.length > 0 ? 0 : offset - (await countWithin(db, within, sort, sql`${offset}`))
  }
  return found
}

/**
 * The instant from which a list looks back. Only the order of the newest depends on it, and needs the clock of Postgres;
 * for the others it says no more than where to look first.
 */
async function anchorOf(db: Db, { until }: RunFilter, { sort, after }: Look): Promise<number> {
  const now = () => (sort === 'newest' ? readClock(db) : Date.now())
  const latest = after && 'at' in after ? Date.parse(after.at) : await now()
  return Math.min(latest, until ?? latest)
}

function touches({ from, until }: RunFilter, stretch: Stretch): boolean {
  const endsBefore = from !== undefined && stretch.until !== null && stretch.until <= from
  const beginsAfter = until !== undefined && stretch.since !== null && stretch.since >= until
  return !endsBefore && !beginsAfter
}

function between({ from, until, ...filter }: RunFilter, stretch: Stretch): RunFilter {
  return {
    ...filter,
    from: from === undefined ? (stretch.since ?? undefined) : Math.max(from, stretch.since ?? from),
    until: until === undefined ? (stretch.until ?? undefined) : Math.min(until, stretch.until ?? until),
  }
}

async function readRuns(db: Db, filter: RunFilter, { sort, after, limit, offset }: Look): Promise<Found[]> {
  const isDescending = sort === 'newest' || sort.startsWith('-')
  const direction = isDescending ? sql`desc` : sql`asc`
  const column = sort === 'newest' ? 'id' : (sort.replace('-', '') as 'id' | 'scheduled_for' | 'finished_at')
  const order =
    column === 'id' ? sql`order by id ${direction}` : sql`order by ${sql.ref(column)} ${direction}, id ${direction}`
  const isListed = [...listedBy(sort), ...(after === undefined ? [] : [isAfter(column, isDescending, after)])]
  const byTask = column === 'id' && isByTaskAlone(filter) ? taskOrder(filter.taskName, isDescending, after) : undefined
  // Written out where it can be, for a plan that is kept must know how few are wanted to find them by an index.
  const most = offset === 0 ? sql`limit ${sql.lit(limit)}` : sql`limit ${limit + offset}`
  const page = offset === 0 ? most : sql`limit ${limit} offset ${offset}`
  const branches = runConditions(byTask ? { ...filter, taskName: undefined } : filter).map(
    (conditions) =>
      sql`(select * from pgbeat.runs where ${all([...(byTask?.conditions ?? isListed), ...conditions])}
        ${byTask?.order ?? order} ${most})`,
  )
  const { rows } = await sql<Run & { at: string | null }>`
    select runs.*, ${sql.join(seconds('retry_delay', 'timeout'))}, ${column === 'id' ? sql`null` : instantText(sql.ref(column))} as at
    from (${sql.join(branches, sql` union all `)}) runs ${order} ${page}`.execute(db)
  return rows.map(({ at, ...run }) => ({ run, at }))
}

function isByTaskAlone({ from: _, until: __, taskName, ...others }: RunFilter): boolean {
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
function listedBy(sort: RunSort): RawBuilder<unknown>[] {
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

/**
 * How many runs a list has that is sorted so. It stops counting at `bound` + 1, which then means: more than `bound`.
 */
export async function countRuns(db: Db, filter: RunFilter, sort: RunSort, bound: number): Promise<number> {
  // Not a stretch at a time: without an instant to look at, an index is enough to count by.
  return countWithin(db, filter, sort, sql.lit(bound + 1))
}

async function countWithin(db: Db, filter: RunFilter, sort: RunSort, most: RawBuilder<unknown>): Promise<number> {
  const branches = runConditions(filter).map(
    (conditions) => sql`(select from pgbeat.runs where ${all([...listedBy(sort), ...conditions])} limit ${most})`,
  )
  const { rows } = await sql<{ count: string }>`
    select count(*) from (select from (${sql.join(branches, sql` union all `)}) runs limit ${most}) bounded`.execute(db)
  return Number(rows[0]?.count)
}
