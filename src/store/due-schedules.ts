import { sql } from 'kysely'
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
      and ${late ? sql`next_run_at < ${onTimeFrom}` : sql`next_run_at >= ${onTimeFrom} and next_run_at <= ${now}`}
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
