// The tables as TypeScript sees them, for the statements that kysely builds. db/schema.sql says what the columns mean.

import type { ColumnType, Generated, Kysely } from 'kysely'
import type { BackfillChoice, BackfillState } from '../core/backfill.ts'
import type { ClockChange } from '../core/clock-change.ts'
import type { CatchUp, OverlapPolicy } from '../core/decide.ts'
import type { RunStatus } from '../core/run-state.ts'
import type { ScheduleEventType } from '../core/schedule-event.ts'

/** A database, or a transaction in it. */
export type Db = Kysely<Tables>

interface Tables {
  'pgbeat.api_keys': ApiKeysTable
  'pgbeat.attempts': AttemptsTable
  'pgbeat.backfill_status': BackfillStatusView
  'pgbeat.nodes': NodesTable
  'pgbeat.run_logs': RunLogsTable
  'pgbeat.runs': RunsTable
  'pgbeat.schedule_events': ScheduleEventsTable
  'pgbeat.schedules': SchedulesTable
}

/** Kept by the system. */
type Kept<Type> = ColumnType<Type, never, never>
/** Goes in as text that Postgres reads as an interval, ISO 8601 included; read with `seconds`, it comes out as these. */
type Duration = ColumnType<number | null, string | null | undefined, string | null>
/** pg reads Postgres' infinity as the number. */
type Instant = Date | number
/** Goes in as text. */
type GivenInstant = ColumnType<Instant | null, string | null | undefined, string | null>

export interface SchedulesTable {
  id: Kept<string>
  name: ColumnType<string, string | undefined, string>
  task_name: string
  payload: ColumnType<unknown, string | undefined, string>
  cron_expression: string | null
  every: Duration
  run_at: GivenInstant
  timezone: Generated<string>
  enabled: Generated<boolean>
  starts_at: GivenInstant
  ends_at: GivenInstant
  max_runs: number | null
  jitter: Duration
  overlap_policy: Generated<OverlapPolicy>
  catch_up: Generated<CatchUp>
  catch_up_window: Duration
  priority: Generated<number>
  queue_name: string | null
  max_attempts: Generated<number>
  retry_delay: Duration
  timeout: Duration
  description: string | null
  category: string | null
  tags: Generated<string[]>
  pause_note: string | null
  next_run_at: Kept<Instant | null>
  last_run_at: Kept<Date | null>
  run_count: Kept<string>
  error: Kept<string | null>
  active_since: Kept<Date>
  timetable_since: Kept<Date>
  paused_at: Kept<Date | null>
  revision: Kept<string>
  created_at: Kept<Date>
  updated_at: Kept<Date>
  updated_by: Kept<string>
  owner: Kept<string>
}

export interface RunsTable {
  id: Kept<string>
  schedule_id: string
  schedule_name: string
  task_name: string
  payload: unknown
  scheduled_for: Date
  origin: 'schedule' | 'catch_up' | 'backfill' | 'manual'
  status: RunStatus
  reason: string | null
  missed_since: Date | null
  missed_count: number | null
  clock_change: ClockChange | null
  backfill_id: string | null
  priority: number
  queue_name: string | null
  max_attempts: number
  retry_delay: Duration
  timeout: Duration
  attempt: number
  job_id: string | null
  node_id: string | null
  next_attempt_at: Date | null
  cancel_requested_at: Date | null
  queued_at: Date | null
  started_at: Date | null
  finished_at: Date | null
  progress: RunProgress | null
  result: unknown
  error: RunError | null
}

export interface AttemptsTable {
  run_id: string
  scheduled_for: Date
  attempt: number
  node_id: string
  started_at: Date
  finished_at: Date | null
  status: 'running' | 'succeeded' | 'failed' | 'cancelled' | 'timed_out' | 'worker_lost' | 'worker_stopped'
  error: RunError | null
}

export interface ScheduleEventsTable {
  id: string
  schedule_id: string
  schedule_name: string
  event_type: ScheduleEventType
  changes: Record<string, unknown>
  revision: string
  changed_by: string
  occurred_at: Date
  note: string | null
}

export interface RunLogsTable {
  run_id: string
  scheduled_for: Date
  attempt: number
  line: number
  logged_at: Date
  level: LogLevel
  message: string
  fields: unknown
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** A backfill and its progress. Counts come as text. */
export interface BackfillStatusView {
  id: string
  schedule_id: string
  schedule_name: string
  starts_at: Date
  ends_at: Date
  which: BackfillChoice
  max_active: number
  payload: unknown
  dry_run: boolean
  status: BackfillState
  listed_until: Date | null
  error: string | null
  created_at: Date
  created_by: string
  finished_at: Date | null
  instants: string
  chosen: string
  remaining: string
  queued: string
  running: string
  succeeded: string
  failed: string
  cancelled: string
  taken_over: string
}

export interface ApiKeysTable {
  id: Kept<string>
  name: ColumnType<string, string, never>
  role: ColumnType<ApiKeyRole, ApiKeyRole, never>
  hash: ColumnType<Buffer, Buffer, never>
  prefix: ColumnType<string, string, never>
  created_at: Kept<Date>
  created_by: ColumnType<string, string, never>
  expires_at: ColumnType<Date | null, string | null, never>
  revoked_at: ColumnType<Date | null, never, Date>
  last_used_at: Kept<Date | null>
}

export type ApiKeyRole = 'viewer' | 'operator' | 'admin'

/** Why an attempt failed. */
export interface RunError {
  readonly code: string
  readonly message: string
  readonly stack?: string | undefined
}

/** How far a run has come: `done` of `total` units. */
export interface RunProgress {
  readonly done: number
  readonly total: number
  readonly message: string | null
}

interface NodesTable {
  id: string
  kind: NodeKind
  heartbeat_at: Date
}

export type NodeKind = 'tick' | 'worker' | 'api'
