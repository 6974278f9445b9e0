import { z } from 'zod'
import { catchUps, overlapPolicies } from '../core/decide.ts'
import type { NewSchedule, Schedule, ScheduleChanges } from '../store/schedules.ts'
import { documentsFields, fromDocuments, toDocuments } from './documents.ts'
import { duration, toIsoDuration } from './duration.ts'
import { jsonValue } from './json-value.ts'

const text = z.string().refine((value) => !value.includes('\0'), 'must not contain NUL characters')
const instant = z.iso.datetime({ offset: true, error: 'must be an ISO 8601 date and time with an offset' })
const smallint = z.int().min(-32_768).max(32_767)

const columns = {
  name: text.min(1).max(200).optional(),
  task_name: text.min(1).max(128),
  payload: jsonValue.optional(),
  cron_expression: text.min(1).max(1_000).nullish(),
  every: duration.nullish(),
  run_at: instant.nullish(),
  timezone: text.min(1).max(100).optional(),
  enabled: z.boolean().optional(),
  starts_at: instant.nullish(),
  ends_at: instant.nullish(),
  max_runs: z.int().min(1).max(2_147_483_647).nullish(),
  jitter: duration.nullish(),
  overlap_policy: z.enum(overlapPolicies).optional(),
  catch_up: z.enum(catchUps).optional(),
  catch_up_window: duration.nullish(),
  priority: smallint.optional(),
  queue_name: text.min(1).max(128).nullish(),
  max_attempts: smallint.min(1).optional(),
  timeout: duration.nullish(),
  description: text.max(10_000).nullish(),
  category: text.max(200).nullish(),
  tags: z.array(text.min(1).max(200)).max(100).optional(),
  pause_note: text.max(10_000).nullish(),
}

// What the system keeps: in a request so that an answer can be changed and sent back, and without effect there.
const kept = Object.fromEntries(
  ['id', 'next_run_at', 'last_run_at', 'run_count', 'finished', 'error', 'revision', 'created_at', 'updated_at']
    .concat('updated_by', 'paused_at')
    .map((name) => [name, z.unknown().optional()]),
)

const wholeBody = z.strictObject({ ...columns, ...documentsFields, ...kept })

/** A whole schedule: what POST and PUT take. */
export const newScheduleBody = wholeBody
/** Some columns of one: what PATCH takes. */
export const scheduleChangesBody = wholeBody.partial()

/** @param stored the schedule as it is, for a request that changes one */
export function toNewSchedule(body: z.output<typeof newScheduleBody>, stored?: Schedule): NewSchedule {
  // task_name is required by the schema.
  return toChanges(body, stored) as NewSchedule
}

export function toChanges(body: z.output<typeof scheduleChangesBody>, stored?: Schedule): ScheduleChanges {
  const given: Record<string, unknown> = fromDocuments(body, stored)
  return Object.fromEntries(
    Object.keys(columns)
      .filter((name) => given[name] !== undefined)
      .map((name) => [name, name === 'payload' ? JSON.stringify(given[name]) : given[name]]),
  )
}

/** What PUT sets for columns that its body leaves out, so that it replaces the schedule instead of adding to it. */
export const columnDefaults: ScheduleChanges = {
  payload: '{}',
  cron_expression: null,
  every: null,
  run_at: null,
  timezone: 'UTC',
  enabled: true,
  starts_at: null,
  ends_at: null,
  max_runs: null,
  jitter: null,
  overlap_policy: 'skip',
  catch_up: 'latest',
  catch_up_window: null,
  priority: 0,
  queue_name: null,
  max_attempts: 3,
  timeout: null,
  description: null,
  category: null,
  tags: [],
  pause_note: null,
}

/** A schedule as responses show it. */
export function presentSchedule({
  active_since,
  timetable_since,
  next_run_at,
  starts_at,
  ends_at,
  run_count,
  revision,
  ...row
}: Schedule) {
  return {
    ...row,
    ...toDocuments(row),
    every: toIsoDuration(row.every),
    jitter: toIsoDuration(row.jitter),
    catch_up_window: toIsoDuration(row.catch_up_window),
    timeout: toIsoDuration(row.timeout),
    starts_at: finite(starts_at),
    ends_at: finite(ends_at),
    next_run_at: finite(next_run_at),
    finished: next_run_at === Number.POSITIVE_INFINITY,
    run_count: Number(run_count),
    revision: Number(revision),
  }
}

/** Postgres' infinity is no bound. */
function finite(instant: Date | number | null): Date | null {
  return instant instanceof Date ? instant : null
}
