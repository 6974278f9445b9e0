import { type RawBuilder, sql } from 'kysely'
import { all } from './page.ts'
import { isId } from './schedule-ref.ts'

/** What schedules must be, all of it at once; what is left out is not asked about. */
export interface ScheduleFilter {
  readonly enabled?: boolean | undefined
  /** Of what is longer, the first 200 characters count; so too with tags. */
  readonly category?: string | undefined
  readonly taskName?: string | undefined
  /** They have all of these. */
  readonly tags?: readonly string[] | undefined
  /** Part of the name or description, in any case. */
  readonly search?: string | undefined
  /** Only these, by id or name. */
  readonly refs?: readonly string[] | undefined
  /** Whether the leader could not plan them. */
  readonly hasError?: boolean | undefined
}

/** A filter as conditions on `pgbeat.schedule_search f`. */
export interface ScheduleConditions {
  /** What the indexes by name answer, or what is quick to ask of each row. */
  readonly plain: readonly RawBuilder<unknown>[]
  /** What has an index that knows no order. */
  readonly unordered: readonly RawBuilder<unknown>[]
}

export function scheduleConditions(filter: ScheduleFilter): ScheduleConditions {
  const { enabled, category, taskName, tags, search, refs, hasError } = filter
  const plain: RawBuilder<unknown>[] = []
  const unordered: RawBuilder<unknown>[] = []
  if (enabled !== undefined) plain.push(enabled ? sql`f.enabled` : sql`not f.enabled`)
  if (category !== undefined) plain.push(sql`f.category = left(${category}, 200)`)
  if (taskName !== undefined) plain.push(sql`f.task_name = ${taskName}`)
  if (refs !== undefined) plain.push(isOneOf(refs))
  if (hasError !== undefined) plain.push(hasError ? withError : sql`not ${withError}`)
  if (tags !== undefined && tags.length > 0) unordered.push(sql`f.tags @> pgbeat.searched_tags(${[...tags]}::text[])`)
  if (search !== undefined && search !== '') unordered.push(...hasText(search))
  return { plain, unordered }
}

const withError = sql`exists (select from pgbeat.schedules e where e.id = f.schedule_id and e.error is not null)`

function isOneOf(refs: readonly string[]): RawBuilder<unknown> {
  const ids = refs.filter(isId)
  const names = refs.filter((ref) => !isId(ref))
  return sql`(f.schedule_id = any(${ids}::uuid[]) or f.name = any(${names}::text[]))`
}

/** The index finds what has the same pairs of letters; what has them in another place is not meant. */
function hasText(search: string): RawBuilder<unknown>[] {
  const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`
  const isFound = sql`(f.name ilike ${pattern} or f.description ilike ${pattern})`
  const hasPairs = sql`(pgbeat.letter_pairs(f.name || E'\n' || coalesce(f.description, '')) collate "C")
    @> pgbeat.letter_pairs(${search})`
  return [...search].length < 2 ? [isFound] : [hasPairs, isFound]
}

/**
 * The ids of the schedules that a filter finds, as a subquery for statements that do something to all of them:
 * `where id in (${schedulesMatching(filter)})`.
 * @param limit at most so many, the first by name
 */
export function schedulesMatching(filter: ScheduleFilter, limit?: number): RawBuilder<unknown> {
  const { plain, unordered } = scheduleConditions(filter)
  const found = sql`select f.schedule_id as id from pgbeat.schedule_search f where ${all([...plain, ...unordered])}`
  return limit === undefined ? found : sql`${found} order by f.name limit ${limit}`
}
