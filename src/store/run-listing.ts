import { type RawBuilder, sql } from 'kysely'
import { type Stretch, stretchesBefore } from '../core/stretch.ts'
import { readClock } from './forecast.ts'
import { readNewestOfSchedule } from './newest-of-schedule.ts'
import { all, type Page } from './page.ts'
import { type RunFilter, runConditions } from './run-filter.ts'
import { type Found, isByTaskAlone, type Look, listedBy, readRuns } from './run-reading.ts'
import type { RunKey, RunSort } from './run-sort.ts'
import type { Run } from './runs.ts'
import type { Db } from './tables.ts'

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

interface Placed extends Found {
  /** The stretch in which it was found, where that is part of its key. */
  readonly place: { readonly anchor?: number; readonly stretch?: number }
}

/** Looks at one stretch after the other until there are enough. */
async function lookBack(db: Db, filter: RunFilter, look: Look): Promise<Placed[]> {
  const { sort, after, limit } = look
  const isNewest = sort === 'newest'
  const from = after && 'anchor' in after ? after : { anchor: await anchorOf(db, filter, look), stretch: 0 }
  const planned = isAlikeForAll(filter) ? ('once' as const) : undefined
  const read = isNewest && filter.scheduleId !== undefined ? readNewestOfSchedule : readRuns
  const found: Placed[] = []
  let { offset } = look
  for (const [index, stretch] of stretchesBefore(from.anchor).entries()) {
    if (index < from.stretch || !touches(filter, stretch)) continue
    const isFirst = index === from.stretch
    const part = { ...look, after: isFirst || !isNewest ? after : undefined, offset, planned }
    const within = between(filter, stretch)
    // As many as if it were the first: with fewer it would be another statement, and be planned anew.
    const rows = await read(db, within, part)
    const place = isNewest ? { anchor: from.anchor, stretch: index } : {}
    found.push(...rows.slice(0, limit - found.length).map((row) => ({ ...row, place })))
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

/** Whether a plan for one of the stretches serves whoever asks: what is asked for has an index by id, whatever the values. */
function isAlikeForAll(filter: RunFilter): boolean {
  const { scheduleId, taskName, backfillId, nodeId, from, until } = filter
  const values = [scheduleId, isByTaskAlone(filter) ? undefined : taskName, backfillId, nodeId, from, until]
  return values.every((value) => value === undefined)
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
