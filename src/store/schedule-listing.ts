import { type RawBuilder, sql } from 'kysely'
import type { ScheduleSort } from '../core/schedule-sorts.ts'
import { all, instantText, type Page } from './page.ts'
import { type ScheduleConditions, type ScheduleFilter, scheduleConditions } from './schedule-filter.ts'
import { durations, type Schedule } from './schedules.ts'
import type { Db } from './tables.ts'

export { type ScheduleSort, scheduleSorts } from '../core/schedule-sorts.ts'

/** Where a part of a list ends: the values of its last row that it is sorted by. `at` is to the microsecond. */
export type ScheduleKey = { readonly name: string } | { readonly at: string; readonly id: string }

export interface SchedulePart {
  readonly sort?: ScheduleSort | undefined
  readonly limit: number
  /** Begin after this one, which must be of the same sort. */
  readonly after?: ScheduleKey | undefined
  /** Pass over so many, which takes the longer the more they are. */
  readonly offset?: number | undefined
}

type Column = 'name' | 'created_at' | 'updated_at' | 'next_run_at'

/**
 * A part of the schedules that a filter finds. Tags and texts are found through indexes that know no order, so all that
 * is found would have to be sorted: for half a million of them that takes a second. What is frequent is near by, so this
 * looks there first.
 */
export async function listSchedules(
  db: Db,
  filter: ScheduleFilter,
  part: SchedulePart,
): Promise<Page<Schedule, ScheduleKey>> {
  const conditions = scheduleConditions(filter)
  if (conditions.unordered.length === 0) return readPage(db, part, candidates(part, conditions.plain))
  const near = await readPage(db, part, nearBy(part, conditions))
  if (near.next !== null) return near
  return readPage(db, part, candidates(part, [...conditions.plain, ...conditions.unordered]), 'materialized')
}

/**
 * How many schedules a list has that is sorted so. It stops counting at `bound` + 1, which then means: more than `bound`.
 */
export async function countSchedules(
  db: Db,
  filter: ScheduleFilter,
  sort: ScheduleSort,
  bound: number,
): Promise<number> {
  const { plain, unordered } = scheduleConditions(filter)
  const { rows } = await sql<{ count: string }>`
    select count(*) from (
      ${candidates({ sort }, [...plain, ...unordered])} limit ${bound + 1}
    ) bounded`.execute(db)
  return Number(rows[0]?.count)
}

/** So many rows are looked at in a few milliseconds. */
const nearBySize = 2_000

/** By name there are indexes for the plain conditions, too; in another order the next rows are those of any filter. */
function nearBy(part: SchedulePart, { plain, unordered }: ScheduleConditions): RawBuilder<unknown> {
  const isByName = sortOf(part.sort).column === 'name'
  return sql`
    select * from (${candidates(part, isByName ? plain : [], rowByRow)} ${order(part, tableColumns(part))} limit ${nearBySize}) f
    where ${all(isByName ? unordered : [...plain, ...unordered])}`
}

/** How schedules by next_run_at come to what is searched: as the planner likes, or one after the other in their order. */
const anyWay = sql`join pgbeat.schedule_search f on f.schedule_id = s.id`
const rowByRow = sql`cross join lateral (select * from pgbeat.schedule_search where schedule_id = s.id offset 0) f`

/** What may be on the page: the rows that meet conditions, after the one that the last page ended with. */
function candidates(
  { sort, after }: Pick<SchedulePart, 'sort' | 'after'>,
  conditions: readonly RawBuilder<unknown>[],
  joined: RawBuilder<unknown> = anyWay,
): RawBuilder<unknown> {
  const { column, isDescending } = sortOf(sort)
  const { key, id } = tableColumns({ sort })
  const isDue = column === 'next_run_at'
  const source = isDue ? sql`pgbeat.schedules s ${joined}` : sql`pgbeat.schedule_search f`
  const isListed = isDue ? [sql`s.enabled and s.next_run_at is not null and s.next_run_at < 'infinity'`] : []
  const comparison = isDescending ? sql`<` : sql`>`
  const isAfter =
    after === undefined
      ? []
      : 'name' in after
        ? [sql`${key} ${comparison} ${after.name}`]
        : [sql`(${key}, ${id}) ${comparison} (${after.at}::timestamptz, ${after.id}::uuid)`]
  return sql`
    select f.*, ${key} as key from ${source}
    where ${all([...isListed, ...isAfter, ...conditions])}`
}

function sortOf(sort: ScheduleSort = 'name'): { column: Column; isDescending: boolean } {
  return { column: sort.replace('-', '') as Column, isDescending: sort.startsWith('-') }
}

/** What a list is sorted by. */
interface Columns {
  readonly key: RawBuilder<unknown>
  readonly id: RawBuilder<unknown>
}

/** As the tables have it, for the planner to see the index. */
function tableColumns({ sort }: Pick<SchedulePart, 'sort'>): Columns {
  const { column } = sortOf(sort)
  if (column === 'next_run_at') return { key: sql`s.next_run_at`, id: sql`s.id` }
  return { key: sql`f.${sql.ref(column)}`, id: sql`f.schedule_id` }
}

const foundColumns: Columns = { key: sql`key`, id: sql`schedule_id` }
const pageColumns: Columns = { key: sql`page.key`, id: sql`page.schedule_id` }

/** Names are unique; instants need the id to tell those apart that are equal. */
function order({ sort }: SchedulePart, { key, id }: Columns): RawBuilder<unknown> {
  const { column, isDescending } = sortOf(sort)
  const direction = isDescending ? sql`desc` : sql`asc`
  return column === 'name' ? sql`order by ${key} ${direction}` : sql`order by ${key} ${direction}, ${id} ${direction}`
}

/** The schedules come first in the statement, for it to lock the tables in the order in which a TRUNCATE does. */
async function readPage(
  db: Db,
  part: SchedulePart,
  found: RawBuilder<unknown>,
  how: 'in order' | 'materialized' = 'in order',
): Promise<Page<Schedule, ScheduleKey>> {
  const { sort, limit, offset = 0 } = part
  const isByName = sortOf(sort).column === 'name'
  const source = how === 'materialized' ? sql`with f as materialized (${found}) select * from f` : found
  const { rows } = await sql<Schedule & { key: string }>`
    select schedules.*, ${sql.join(durations)}, ${isByName ? sql`page.key` : instantText(sql`page.key`)} as key
    from pgbeat.schedules
    join (${source} ${order(part, foundColumns)} limit ${limit + 1} offset ${offset}) page on page.schedule_id = schedules.id
    ${order(part, pageColumns)}`.execute(db)
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    rows: rows.slice(0, limit).map(({ key, ...schedule }) => schedule),
    next: last === undefined ? null : isByName ? { name: last.key } : { at: last.key, id: last.id },
  }
}
