import { sql } from 'kysely'
import type { Timetable } from '../core/timetable.ts'

/** A schedule's timetable as the tick reads it: instants and durations in milliseconds. */
export interface TimetableRow {
  readonly cron_expression: string | null
  readonly timezone: string
  readonly every: number | null
  /** null for a timetable that needs none. */
  readonly anchor: number | null
  readonly run_at: number | null
  readonly starts_at: number | null
  readonly ends_at: number | null
  readonly max_runs: number | null
  readonly run_count: string
}

// Postgres keeps microseconds and timetables name milliseconds; bounds are rounded inwards. Sums are made of seconds:
// an instant plus an interval of days would depend on the session's time zone.
export const timetableColumns = sql`
  cron_expression, timezone, max_runs, run_count,
  (extract(epoch from every) * 1000)::float8 as every,
  case when every is not null then
    ceil(coalesce(extract(epoch from starts_at), extract(epoch from created_at) + extract(epoch from every)) * 1000)::float8
  end as anchor,
  ceil(extract(epoch from run_at) * 1000)::float8 as run_at,
  ceil(extract(epoch from starts_at) * 1000)::float8 as starts_at,
  floor(extract(epoch from ends_at) * 1000)::float8 as ends_at`

export function toTimetable(row: TimetableRow): Timetable {
  return {
    cronExpression: row.cron_expression,
    timezone: row.timezone,
    everyMs: row.every,
    anchor: row.anchor ?? 0,
    runAt: row.run_at,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
  }
}
