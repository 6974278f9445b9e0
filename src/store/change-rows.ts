import { sql } from 'kysely'
import type { BackfillChoice, BackfillState } from '../core/backfill.ts'
import type { ClockChange } from '../core/clock-change.ts'
import type { RunStatus } from '../core/run-state.ts'
import type { RunProgress } from './tables.ts'

/**
 * An edit of a schedule, as `schedule_events` has it, but for a long value of `changes`, which is `{ omitted_bytes }`, and
 * a long note, which is cut. Instants are ISO 8601 in UTC.
 */
interface ScheduleEvent {
  readonly id: string
  readonly schedule_id: string
  readonly schedule_name: string
  readonly event_type: string
  readonly changes: Readonly<Record<string, { readonly from?: unknown; readonly to?: unknown }>>
  readonly revision: number
  readonly changed_by: string
  readonly note: string | null
  readonly occurred_at: string
}

/** A backfill without its payload and its progress, which takes counting: whoever wants them asks for the backfill. */
interface ChangedBackfill {
  readonly id: string
  readonly schedule_id: string
  readonly schedule_name: string
  readonly starts_at: string
  readonly ends_at: string
  readonly which: BackfillChoice
  readonly max_active: number
  readonly dry_run: boolean
  readonly status: BackfillState
  readonly listed_until: string | null
  /** Cut after 300 characters. */
  readonly error: string | null
  readonly created_at: string
  readonly created_by: string
  readonly finished_at: string | null
}

/**
 * A run without what may be large: a payload of a megabyte would go to everybody who looks on, once a state. Whoever wants
 * it, the result or the stack of the error asks for the run.
 */
export interface ChangedRun {
  readonly id: string
  readonly schedule_id: string
  readonly schedule_name: string
  readonly task_name: string
  readonly scheduled_for: string
  readonly origin: 'schedule' | 'catch_up' | 'backfill' | 'manual'
  readonly status: RunStatus
  readonly reason: string | null
  readonly missed_since: string | null
  readonly missed_count: number | null
  readonly clock_change: ClockChange | null
  readonly backfill_id: string | null
  readonly attempt: number
  readonly max_attempts: number
  readonly node_id: string | null
  readonly queued_at: string | null
  readonly started_at: string | null
  readonly finished_at: string | null
  readonly next_attempt_at: string | null
  readonly cancel_requested_at: string | null
  readonly progress: RunProgress | null
  /** The message is cut after 300 characters. */
  readonly error: { readonly code: string; readonly message: string } | null
}

export interface ScheduleChange {
  readonly kind: 'schedule'
  readonly event: ScheduleEvent
  /** The schedule's task; null when nothing says any more which it was. */
  readonly taskName: string | null
}

export interface BackfillChange {
  readonly kind: 'backfill'
  readonly backfill: ChangedBackfill
  /** As that of a schedule. */
  readonly taskName: string | null
}

export interface RunChange {
  readonly kind: 'run'
  readonly run: ChangedRun
}

export type Change = ScheduleChange | BackfillChange | RunChange

const plainRunColumns = sql.raw(`schedule_id, schedule_name, task_name, scheduled_for, origin, status, reason,
  missed_since, missed_count, clock_change, attempt, max_attempts, node_id, queued_at, started_at, finished_at,
  next_attempt_at, cancel_requested_at, progress`)

/** Of errors, as characters. */
const longestError = 300

/** What `changedRun` is made from. */
export const runColumns = sql`id, backfill_id, error, ${plainRunColumns}`

/** The columns of a changed run, of a row with `runColumns`. */
export const changedRun = sql`id::text, backfill_id::text, ${plainRunColumns},
  case when error is not null then jsonb_build_object('code', error -> 'code', 'message', left(error ->> 'message', ${sql.lit(longestError)}))
  end as error`

/** What an event says of the name of the task. */
function taskNameIn(event: string): string {
  return `coalesce(${event}.changes #>> '{task_name,to}', ${event}.changes #>> '{task_name,from}')`
}

/** The task of the schedule that a row is about; of one that is gone meanwhile, the last that its events name. */
function taskNameNow(row: string, condition = 'true') {
  return sql.raw(`coalesce(
    (select s.task_name from pgbeat.schedules s where s.id = ${row}.schedule_id),
    (select ${taskNameIn('earlier')}
      from pgbeat.schedule_events earlier
      where earlier.schedule_id = ${row}.schedule_id and ${condition} and earlier.changes ? 'task_name'
      order by earlier.id desc limit 1))`)
}

/** Of values in `changes`, as JSON, and of a note. */
const longestText = 2_000

function cut(value: string): string {
  return `case when octet_length(${value}::text) > ${longestText}
    then jsonb_build_object('omitted_bytes', octet_length(${value}::text)) else ${value} end`
}

/** A payload of a megabyte would go to everybody who looks on: of long values there is only how long they are. */
const cutChanges = sql.raw(`case
  when octet_length(e.changes::text) <= ${longestText} or jsonb_typeof(e.changes) <> 'object' then ${cut('e.changes')}
  else (
    select jsonb_object_agg(field, case when jsonb_typeof(change) <> 'object' then ${cut('change')} else (
      select coalesce(jsonb_object_agg(side, ${cut('value')}), '{}') from jsonb_each(change) as sides (side, value)
    ) end) from jsonb_each(e.changes) as fields (field, change)
  ) end as changes`)

/** The columns of an edit, of a row of schedule_events called `e`, and the name of the task. */
export const scheduleEvent = sql`e.id::text, e.schedule_id, e.schedule_name, e.event_type, ${cutChanges}, e.revision,
  e.changed_by, left(e.note, ${sql.lit(longestText)}) as note, e.occurred_at,
  coalesce(${sql.raw(taskNameIn('e'))}, ${taskNameNow('e', 'earlier.id < e.id')}) as task_name`

/** The columns of a changed backfill, of a row of backfills called `b`, and the name of the schedule's task. */
export const changedBackfill = sql`b.id::text, b.schedule_id, b.schedule_name, b.starts_at, b.ends_at, b.which,
  b.max_active, b.dry_run, b.status, b.listed_until, left(b.error, ${sql.lit(longestError)}) as error, b.created_at,
  b.created_by, b.finished_at, ${taskNameNow('b')} as task_name`

/** As Postgres makes them into JSON: instants in the session's time zone, with microseconds. */
export type ScheduleEventJson = ScheduleEvent & { readonly task_name: string | null }

export function toScheduleChange({ task_name, ...event }: ScheduleEventJson): ScheduleChange {
  return { kind: 'schedule', event: { ...event, occurred_at: toUtc(event.occurred_at) }, taskName: task_name }
}

export type ChangedBackfillJson = ChangedBackfill & { readonly task_name: string | null }

export function toBackfillChange({ task_name, ...json }: ChangedBackfillJson): BackfillChange {
  const backfill: ChangedBackfill = {
    ...json,
    starts_at: toUtc(json.starts_at),
    ends_at: toUtc(json.ends_at),
    listed_until: toUtcOrNull(json.listed_until),
    created_at: toUtc(json.created_at),
    finished_at: toUtcOrNull(json.finished_at),
  }
  return { kind: 'backfill', backfill, taskName: task_name }
}

export function toRunChange(json: ChangedRun): RunChange {
  const run: ChangedRun = {
    ...json,
    scheduled_for: toUtc(json.scheduled_for),
    missed_since: toUtcOrNull(json.missed_since),
    queued_at: toUtcOrNull(json.queued_at),
    started_at: toUtcOrNull(json.started_at),
    finished_at: toUtcOrNull(json.finished_at),
    next_attempt_at: toUtcOrNull(json.next_attempt_at),
    cancel_requested_at: toUtcOrNull(json.cancel_requested_at),
  }
  return { kind: 'run', run }
}

function toUtcOrNull(instant: string | null): string | null {
  return instant === null ? null : toUtc(instant)
}

/** What is no date of JavaScript (infinity) stays as it is. */
function toUtc(instant: string): string {
  const date = new Date(instant)
  return Number.isNaN(date.getTime()) ? instant : date.toISOString()
}
