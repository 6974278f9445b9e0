import { z } from 'zod'
import { type RunStatus, runStatuses } from '../../core/run-state.ts'
import type { Page } from '../../store/page.ts'
import type { RunLogKey, RunLogLine } from '../../store/run-logs.ts'
import type { Attempt, Run } from '../../store/runs.ts'
import { isoDuration, toIsoDuration } from '../fields/duration.ts'
import { moment } from '../fields/instant.ts'
import { anyJson } from '../fields/json-value.ts'

export const runStatus = z.enum(runStatuses as [RunStatus, ...RunStatus[]])
export const runOrigin = z.enum(['schedule', 'catch_up', 'backfill', 'manual'])
export const bigint = z.string().regex(/^[1-9]\d{0,17}$/)

export const clockChange = z.enum(['moved', 'merged', 'doubled'])

const runError = z
  .object({ code: z.string(), message: z.string(), stack: z.string().optional() })
  .meta({ id: 'RunError' })

const progress = z.object({ done: z.number(), total: z.number(), message: z.string().nullable() })

export const runFields = {
  id: bigint.meta({ example: '42' }),
  origin: runOrigin.describe('Why it exists'),
  status: runStatus,
  reason: z.string().nullable().describe('Why it was skipped, missed or cancelled; partial, when a part of it failed'),
  error: runError.nullable(),
}

export const runTimes = {
  lateness_ms: z.number().nullable().describe('From scheduled_for to started_at'),
  duration_ms: z.number().nullable().describe('From started_at to finished_at'),
}

export const runResource = z
  .object({
    ...runFields,
    schedule_id: z.guid(),
    schedule_name: z.string().describe('As it was called when it fired'),
    task_name: z.string(),
    payload: anyJson,
    scheduled_for: moment.describe('The nominal instant; never changes'),
    missed_since: moment.nullable().describe('Of a row that covers missed instants: the first of them'),
    missed_count: z.int().nullable().describe('How many instants it covers'),
    clock_change: clockChange.nullable().describe('What a change of clocks did to the instant'),
    backfill_id: bigint.nullable(),
    priority: z.int(),
    queue_name: z.string().nullable(),
    max_attempts: z.int(),
    retry_delay: isoDuration.nullable(),
    timeout: isoDuration.nullable(),
    attempt: z.int().describe('The number of the latest attempt; 0 = none yet'),
    job_id: bigint.nullable(),
    node_id: z.guid().nullable().describe('The worker that has it'),
    next_attempt_at: moment.nullable(),
    cancel_requested_at: moment.nullable(),
    queued_at: moment.nullable(),
    started_at: moment.nullable().describe('When its first attempt began'),
    finished_at: moment.nullable(),
    progress: progress.nullable(),
    result: anyJson,
    ...runTimes,
  })
  .meta({ id: 'Run' })

/** A run as responses show it. */
export function presentRun(run: Run): z.output<typeof runResource> {
  return {
    ...run,
    retry_delay: toIsoDuration(run.retry_delay),
    timeout: toIsoDuration(run.timeout),
    ...delaysOf(run),
  }
}

export function delaysOf({ scheduled_for, started_at, finished_at }: RunInstants) {
  return {
    lateness_ms: started_at && started_at.getTime() - scheduled_for.getTime(),
    duration_ms: started_at && finished_at && finished_at.getTime() - started_at.getTime(),
  }
}

type RunInstants = Pick<Run, 'scheduled_for' | 'started_at' | 'finished_at'>

const attemptResource = z
  .object({
    attempt: z.int(),
    node_id: z.guid(),
    started_at: moment,
    finished_at: moment.nullable(),
    status: z.enum(['running', 'succeeded', 'failed', 'cancelled', 'timed_out', 'worker_lost', 'worker_stopped']),
    error: runError.nullable(),
  })
  .meta({ id: 'Attempt' })

export const logLine = z
  .object({
    attempt: z.int(),
    line: z.int(),
    logged_at: moment,
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: z.string(),
    fields: anyJson,
  })
  .meta({ id: 'LogLine' })

export const runDetailResource = runResource
  .extend({
    attempts: z.array(attemptResource),
    logs: z.array(logLine).describe('What its attempts logged, as far as it fits'),
    logs_truncated: z.boolean().describe('Whether there is more, which `/runs/{id}/logs` has'),
  })
  .meta({ id: 'RunDetail' })

export function presentRunDetail(
  run: Run,
  attempts: readonly Attempt[],
  { rows: logs, next }: Page<RunLogLine, RunLogKey>,
): z.output<typeof runDetailResource> {
  return {
    ...presentRun(run),
    attempts: attempts.map(({ run_id, scheduled_for, ...attempt }) => attempt),
    logs,
    logs_truncated: next !== null,
  }
}
