import { z } from 'zod'
import { catchUps, overlapPolicies } from '../../core/decide.ts'
import type { NewSchedule, Schedule, ScheduleChanges } from '../../store/schedules.ts'
import { documentsAnswer, documentsFields, fromDocuments, toDocuments } from '../documents.ts'
import { duration, isoDuration, toIsoDuration } from '../fields/duration.ts'
import { instantText, moment } from '../fields/instant.ts'
import { anyJson, jsonValue } from '../fields/json-value.ts'
import { text } from '../fields/text.ts'

const smallint = z.int().min(-32_768).max(32_767)

/** What a person may set. */
export const scheduleColumns = {
  name: text
    .regex(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are refused
      /^(?!\s)[^\u0000-\u001f\u007f-\u009f]{1,200}(?<!\s)$/u,
      'must have 1 to 200 characters, no control characters, and no blanks around it',
    )
    .optional()
    .describe('Unique; generated when left out'),
  task_name: text.min(1).max(128).describe('A task of the catalogue'),
  payload: jsonValue.optional().describe('What the task is given; checked against its schema'),
  cron_expression: text.min(1).max(1_000).nullish().describe('One of cron_expression, every and run_at; 5 to 7 fields'),
  every: duration.nullish().describe('A fixed interval of at least a second; ISO 8601 or seconds'),
  run_at: instantText.nullish().describe('Once'),
  timezone: text
    .min(1)
    .max(100)
    .optional()
    .describe('IANA name that cron_expression is read in; left out, PGBEAT_TIMEZONE of the API, UTC by default'),
  enabled: z.boolean().optional(),
  starts_at: instantText.nullish().describe('No run before'),
  ends_at: instantText.nullish().describe('No run after'),
  max_runs: z.int().min(1).max(2_147_483_647).nullish().describe('Finished after so many'),
  jitter: duration.nullish().describe('Each run starts up to so much later'),
  overlap_policy: z.enum(overlapPolicies).optional().describe('What a due run does while an earlier one is active'),
  catch_up: z.enum(catchUps).optional().describe('Which missed instants run afterwards by themselves'),
  catch_up_window: duration.nullish().describe('How old a missed instant may be to be caught up'),
  priority: smallint.optional().describe('Lower first'),
  queue_name: text.min(1).max(128).nullish().describe('Runs of one queue go one after the other'),
  max_attempts: smallint.min(1).optional().describe('How often a run is tried, the first time included'),
  retry_delay: duration
    .nullish()
    .describe('Before the second attempt, at most a day; later pauses grow from it; null = 5 s'),
  timeout: duration.nullish().describe('Of an attempt'),
  description: text.max(10_000).nullish().describe('For people'),
  category: text.max(200).nullish().describe('One, to find it by'),
  tags: z.array(text.min(1).max(200)).max(100).optional().describe('Any number, to find it by'),
  pause_note: text.max(10_000).nullish().describe('Why it is paused'),
}

const keptNames = [
  'id',
  'next_run_at',
  'last_run_at',
  'run_count',
  'finished',
  'error',
  'revision',
  'created_at',
  'updated_at',
  'updated_by',
  'paused_at',
  'task_has_worker',
]

// In a request so that an answer can be changed and sent back.
const kept = Object.fromEntries(
  keptNames.map((name) => [
    name,
    z.unknown().optional().meta({ description: 'Kept by the system; without effect in a request', readOnly: true }),
  ]),
)

const wholeBody = z.strictObject({ ...scheduleColumns, ...documentsFields, ...kept })

/** A whole schedule: what POST and PUT take. */
export const newScheduleBody = wholeBody.meta({ id: 'NewSchedule' })
/** Some columns of one: what PATCH takes. */
export const scheduleChangesBody = wholeBody.partial().meta({ id: 'ScheduleChanges' })

/** What says when a schedule fires. */
export const timetableFields = {
  cron_expression: scheduleColumns.cron_expression,
  every: scheduleColumns.every,
  run_at: scheduleColumns.run_at,
  timezone: scheduleColumns.timezone,
  starts_at: scheduleColumns.starts_at,
  ends_at: scheduleColumns.ends_at,
}

/** @param stored the schedule as it is, for a request that changes one */
export function toNewSchedule(body: z.output<typeof newScheduleBody>, stored?: Schedule): NewSchedule {
  // task_name is required by the schema.
  return toChanges(body, stored) as NewSchedule
}

export function toChanges(body: z.output<typeof scheduleChangesBody>, stored?: Schedule): ScheduleChanges {
  const given: Record<string, unknown> = fromDocuments(body, stored)
  return Object.fromEntries(
    Object.keys(scheduleColumns)
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
  retry_delay: null,
  timeout: null,
  description: null,
  category: null,
  tags: [],
  pause_note: null,
}

export const scheduleResource = z
  .object({
    id: z.guid(),
    name: z.string(),
    task_name: z.string(),
    payload: anyJson,
    cron_expression: z.string().nullable(),
    every: isoDuration.nullable(),
    run_at: moment.nullable(),
    timezone: z.string(),
    enabled: z.boolean(),
    starts_at: moment.nullable(),
    ends_at: moment.nullable(),
    max_runs: z.int().nullable(),
    jitter: isoDuration.nullable(),
    overlap_policy: z.enum(overlapPolicies),
    catch_up: z.enum(catchUps),
    catch_up_window: isoDuration.nullable(),
    priority: z.int(),
    queue_name: z.string().nullable(),
    max_attempts: z.int(),
    retry_delay: isoDuration.nullable(),
    timeout: isoDuration.nullable(),
    description: z.string().nullable(),
    category: z.string().nullable(),
    tags: z.array(z.string()),
    pause_note: z.string().nullable(),
    next_run_at: moment.nullable().describe('The next nominal instant; null while paused or finished'),
    last_run_at: moment.nullable().describe('The last nominal instant that was fired'),
    run_count: z.int().describe('How often it has fired'),
    finished: z.boolean().describe('Whether it never fires again'),
    error: z.string().nullable().describe('Why it can have no next instant'),
    paused_at: moment.nullable(),
    revision: z.int().describe('Counts its edits; the ETag'),
    created_at: moment,
    updated_at: moment,
    updated_by: z.string(),
    task_has_worker: z.boolean().describe('Whether a live worker has the task; without one runs are queued and wait'),
    ...documentsAnswer,
  })
  .meta({ id: 'Schedule' })

/** A schedule as responses show it. */
export function presentSchedule(
  {
    active_since,
    timetable_since,
    owner,
    next_run_at,
    starts_at,
    ends_at,
    run_at,
    run_count,
    revision,
    ...row
  }: Schedule,
  liveTasks: ReadonlySet<string>,
): z.output<typeof scheduleResource> {
  return {
    ...row,
    ...toDocuments(row),
    every: toIsoDuration(row.every),
    jitter: toIsoDuration(row.jitter),
    catch_up_window: toIsoDuration(row.catch_up_window),
    retry_delay: toIsoDuration(row.retry_delay),
    timeout: toIsoDuration(row.timeout),
    run_at: finite(run_at),
    starts_at: finite(starts_at),
    ends_at: finite(ends_at),
    next_run_at: finite(next_run_at),
    finished: next_run_at === Number.POSITIVE_INFINITY,
    run_count: Number(run_count),
    revision: Number(revision),
    task_has_worker: liveTasks.has(row.task_name),
  }
}

/** Postgres' infinity is no bound. */
function finite(instant: Date | number | null): Date | null {
  return instant instanceof Date ? instant : null
}
