import { type RawBuilder, sql } from 'kysely'
import { type DueSchedule, missedAfterMs } from '../core/decide.ts'
import { activeRuns } from './overlap.ts'
import type { Db } from './tables.ts'
import { type TimetableRow, timetableColumns, toTimetable } from './timetable-row.ts'

export interface DueRow extends DueSchedule {
  readonly name: string
  /** Where its row is as long as it is locked, for the statement that advances it. */
  readonly place: string
}

/**
 * Locks up to `limit` due schedules, the earliest first, and says what time it is in the database. What another tick is
 * firing is passed over.
 * @param late those whose instant was missed, instead of those that are on time
 */
export async function lockDue(
  db: Db,
  { late, limit }: { late: boolean; limit: number },
): Promise<{ now: number; due: DueRow[] }> {
  const now = sql`(select now from clock)`
  const onTimeFrom = sql`${now} - ${missedAfterMs} * interval '1 millisecond'`
  return lock(db, {
    limit,
    isWanted: late ? sql`next_run_at < ${onTimeFrom}` : sql`next_run_at >= ${onTimeFrom} and next_run_at <= ${now}`,
  })
}

/** One of several parts of all schedules, which are about as large as each other. */
export interface Share {
  /** From 0. */
  readonly index: number
  readonly of: number
}

/** Locks up to `limit` of a share of the schedules that are due at an instant to come, in Unix milliseconds. */
export async function lockDueAt(
  db: Db,
  { instant, limit, share }: { instant: number; limit: number; share: Share },
): Promise<readonly DueRow[]> {
  const isShared = sql`(uuid_hash(id)::bigint & 2147483647) % ${share.of} = ${share.index}`
  const isWanted = sql`next_run_at = to_timestamp(${instant}::float8 / 1000) and ${isShared}`
  return (await lock(db, { limit, isWanted })).due
}

interface Wanted {
  readonly isWanted: RawBuilder<unknown>
  readonly limit: number
}

async function lock(db: Db, { isWanted, limit }: Wanted): Promise<{ now: number; due: DueRow[] }> {
  const { rows } = await sql<DueSelection>`
    with clock as materialized (select pgbeat.clock() as now)
    select id, schedules.ctid::text as place, name, ${timetableColumns},
      round(date_part('epoch', next_run_at) * 1000) as next_run_at,
      coalesce(date_part('epoch', jitter) * 1000, 0) as jitter,
      overlap_policy, catch_up,
      date_part('epoch', catch_up_window) * 1000 as catch_up_window,
      (select date_part('epoch', now) * 1000 from clock) as now
    from pgbeat.schedules
    where enabled and next_run_at is not null
      and ${isWanted}
    order by schedules.next_run_at
    limit ${limit}
    for update skip locked`.execute(db)
  const active = await activeRuns(
    db,
    rows.filter(({ overlap_policy }) => overlap_policy !== 'allow').map(({ id }) => id),
  )
  return { now: rows[0]?.now ?? 0, due: rows.map((row) => toDueRow(row, active.has(row.id))) }
}

type DueSelection = TimetableRow & {
  readonly id: string
  readonly place: string
  readonly name: string
  readonly next_run_at: number
  readonly jitter: number
  readonly overlap_policy: DueSchedule['overlapPolicy']
  readonly catch_up: DueSchedule['catchUp']
  readonly catch_up_window: number | null
  readonly now: number
}

function toDueRow(row: DueSelection, hasActiveRun: boolean): DueRow {
  return {
    id: row.id,
    place: row.place,
    name: row.name,
    timetable: toTimetable(row),
    nextRunAt: row.next_run_at,
    maxRuns: row.max_runs,
    runCount: Number(row.run_count),
    jitterMs: row.jitter,
    overlapPolicy: row.overlap_policy,
    catchUp: row.catch_up,
    catchUpWindowMs: row.catch_up_window,
    hasActiveRun,
  }
}

/** Milliseconds until the next schedule is due: 0 when one is, null when there is none. */
export async function untilDue(db: Db): Promise<number | null> {
  const { rows } = await sql<{ wait: number }>`
    select greatest(0, extract(epoch from next_run_at - pgbeat.clock()) * 1000)::float8 as wait
    from pgbeat.schedules
    where enabled and next_run_at < 'infinity'
    order by next_run_at
    limit 1`.execute(db)
  return rows[0]?.wait ?? null
}

/** Schedules that are due at one instant to come. */
export interface Crowd {
  /** Unix milliseconds. */
  readonly instant: number
  readonly schedules: number
  /** Milliseconds until then. */
  readonly inMs: number
}

/**
 * The next instant at which so many schedules are due at once; null when there is none so soon.
 * @param most no more are counted
 */
export async function nextCrowd(
  db: Db,
  { withinMs, least, most }: { withinMs: number; least: number; most: number },
): Promise<Crowd | null> {
  const { rows } = await sql<Crowd>`
    with clock as materialized (select pgbeat.clock() as now), soon as (
      select next_run_at from pgbeat.schedules
      where enabled and next_run_at > (select now from clock)
        and next_run_at <= (select now from clock) + ${withinMs} * interval '1 millisecond'
      order by next_run_at
      limit ${most}
    )
    select round(date_part('epoch', next_run_at) * 1000) as instant, count(*)::int as schedules,
      (extract(epoch from next_run_at - (select now from clock)) * 1000)::float8 as "inMs"
    from soon
    group by next_run_at
    having count(*) >= ${least}
    order by next_run_at
    limit 1`.execute(db)
  return rows[0] ?? null
}

/** Has a session wait until an instant, in Unix milliseconds; answers by how many milliseconds it has passed then. */
export async function waitUntil(db: Db, instant: number): Promise<number> {
  const at = sql`to_timestamp(${instant}::float8 / 1000)`
  const { rows } = await sql<{ passed: number }>`
    select (extract(epoch from pgbeat.clock() - ${at}) * 1000)::float8 as passed
    from (select pg_sleep(greatest(0, extract(epoch from ${at} - pgbeat.clock())))) slept`.execute(db)
  return rows[0]?.passed ?? 0
}
