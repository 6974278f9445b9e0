import { sql } from 'kysely'
import type { Lapse, LapseProgress } from '../core/lapse.ts'
import { toInstant, toInstantOrNull } from './planning.ts'
import type { Db } from './tables.ts'
import { type TimetableRow, timetableColumns, toTimetable } from './timetable-row.ts'

export interface LapseRow extends Lapse {
  readonly id: string
  readonly scheduleId: string
}

/**
 * Locks the oldest lapse that nobody else is counting. While a backfill runs instants of it, it is not known yet which of
 * them are missed.
 */
export async function lockLapse(db: Db): Promise<LapseRow | null> {
  const { rows } = await sql<LapseSelection>`
    select id, schedule_id, ${timetableColumns},
      ceil(extract(epoch from coalesce(counted_until, since)) * 1000)::float8 as "from",
      ceil(extract(epoch from until) * 1000)::float8 as until,
      (extract(epoch from missed_since) * 1000)::float8 as missed_since,
      (extract(epoch from missed_last) * 1000)::float8 as missed_last, missed_count
    from (
      select *, schedule_created_at as created_at, null::integer as max_runs, 0::bigint as run_count from pgbeat.lapses l
      where not exists (
        select from pgbeat.backfills b
        where b.status = 'running' and b.schedule_id = l.schedule_id and b.starts_at < l.until and b.ends_at >= l.since)
      order by id limit 1 for update skip locked
    ) lapses`.execute(db)
  return rows[0] === undefined ? null : toLapseRow(rows[0])
}

type LapseSelection = TimetableRow & {
  readonly id: string
  readonly schedule_id: string
  readonly from: number
  readonly until: number
  readonly missed_since: number | null
  readonly missed_last: number
  readonly missed_count: number
}

function toLapseRow(row: LapseSelection): LapseRow {
  const { missed_since: since, missed_last: last, missed_count: count } = row
  return {
    id: row.id,
    scheduleId: row.schedule_id,
    timetable: toTimetable(row),
    from: row.from,
    until: row.until,
    range: since === null ? null : { since, last, count },
  }
}

/**
 * The moments for which a schedule has runs, manual ones aside, in their order.
 * @param from inclusive; Unix milliseconds, as is
 * @param to exclusive
 */
export async function momentsWithRun(db: Db, scheduleId: string, from: number, to: number): Promise<number[]> {
  const { rows } = await sql<{ at: number }>`
    select (extract(epoch from scheduled_for) * 1000)::float8 as at
    from pgbeat.runs
    where schedule_id = ${scheduleId} and scheduled_for >= ${toInstant(from)} and scheduled_for < ${toInstant(to)}
      and origin <> 'manual'
    order by scheduled_for`.execute(db)
  return rows.map(({ at }) => at)
}

/**
 * Writes the ranges that are complete as missed runs, and how far the rest has come, or that there is none. Answers what
 * it wrote as missed.
 */
export async function writeLapse(
  db: Db,
  { id }: LapseRow,
  { ranges, rest }: LapseProgress,
): Promise<{ reason: string; instants: number }[]> {
  const { rows } = await sql<{ reason: string; instants: number }>`
    with written as (
      insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, reason,
        missed_since, missed_count, max_attempts)
      select l.schedule_id, l.schedule_name, l.task_name, l.payload, r.last, 'schedule', 'missed', l.reason, r.since,
        r.count, l.max_attempts
      from pgbeat.lapses l, unnest(
        ${ranges.map(({ since }) => toInstant(since))}::timestamptz[],
        ${ranges.map(({ last }) => toInstant(last))}::timestamptz[],
        ${ranges.map(({ count }) => count)}::integer[]
      ) as r(since, last, count)
      where l.id = ${id}
      on conflict do nothing
      returning reason, missed_count
    ), counted as (
      update pgbeat.lapses set
        counted_until = ${toInstantOrNull(rest?.from ?? null)},
        missed_since = ${toInstantOrNull(rest?.range?.since ?? null)},
        missed_last = ${toInstantOrNull(rest?.range?.last ?? null)},
        missed_count = ${rest?.range?.count ?? 0}
      where id = ${id} and ${rest !== null}
    ), done as (
      delete from pgbeat.lapses where id = ${id} and ${rest === null}
    )
    select reason, sum(missed_count)::float8 as instants from written group by reason`.execute(db)
  return rows
}
