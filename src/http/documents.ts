// The request and response shapes of the API that pgbeat replaces, and what they are called here:
//
//   execution_policy      → overlap_policy
//   kwargs, task_params   → payload (both at once are merged; task_params wins)
//   GET …/history         → runs, with executed_at for the instant at which a run began
//
// Requests may use either name, responses carry both.

import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { type OverlapPolicy, overlapPolicies } from '../core/decide.ts'
import type { Run } from '../store/runs.ts'
import type { Schedule } from '../store/schedules.ts'
import { moment } from './fields/instant.ts'
import { anyJson, jsonObject } from './fields/json-value.ts'
import { runFields } from './resources/run.ts'

const jsonAnswer = z.record(z.string(), z.unknown()).nullable()

export const documentsFields = {
  execution_policy: z.enum(overlapPolicies).optional().describe('Old name of overlap_policy'),
  kwargs: jsonObject.nullish().describe('Old name of payload'),
  task_params: jsonObject.nullish().describe('Old name of payload'),
}

/** What responses carry besides today's names. */
export const documentsAnswer = {
  execution_policy: z.enum(overlapPolicies).describe('Old name of overlap_policy'),
  kwargs: jsonAnswer.describe('Old name of payload'),
  task_params: jsonAnswer.describe('Old name of payload'),
}

interface WithDocumentsFields {
  readonly execution_policy?: OverlapPolicy | undefined
  readonly kwargs?: Record<string, unknown> | null | undefined
  readonly task_params?: Record<string, unknown> | null | undefined
}

/** What a schedule has now, under the names that requests may echo. */
type Stored = Pick<Schedule, 'overlap_policy' | 'payload'>

/**
 * A request in today's words. Where it has a value under both names, today's counts; but a client that reads a schedule,
 * changes what it knows under the old name and sends all of it back means the change: what today's name says is then only
 * what is stored.
 */
export function fromDocuments<Body extends WithDocumentsFields & { overlap_policy?: unknown; payload?: unknown }>(
  { execution_policy, kwargs, task_params, ...body }: Body,
  stored?: Stored,
): Omit<Body, keyof WithDocumentsFields> {
  const parameters = [kwargs, task_params].filter((value) => value !== undefined && value !== null)
  const changed =
    body.payload === undefined ? parameters : parameters.filter((value) => !isEcho(value, stored?.payload))
  return {
    ...body,
    ...(changed.length > 0 && isOpen(body.payload, stored?.payload) && { payload: merged(changed) }),
    ...(execution_policy !== undefined &&
      isOpen(body.overlap_policy, stored?.overlap_policy) && { overlap_policy: execution_policy }),
  }
}

/** Whether an old name may say what today's name leaves open: it has no value, or the one that is stored. */
function isOpen(value: unknown, stored: unknown): boolean {
  return value === undefined || isEcho(value, stored)
}

function isEcho(value: unknown, stored: unknown): boolean {
  return stored !== undefined && isDeepStrictEqual(value, stored)
}

function merged(parts: readonly object[]): Record<string, unknown> {
  return Object.fromEntries(parts.flatMap((part) => Object.entries(part)))
}

export function toDocuments({ overlap_policy, payload }: Stored) {
  const parameters = isObject(payload) ? payload : null
  return { execution_policy: overlap_policy, kwargs: parameters, task_params: parameters }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const historyEntry = z
  .object({
    run_id: runFields.id,
    scheduled_for: moment,
    executed_at: moment.describe('When it began; for what never began, when it was queued or was to be'),
    finished_at: moment.nullable(),
    origin: runFields.origin,
    status: runFields.status,
    reason: runFields.reason,
    result: anyJson,
    error: runFields.error,
  })
  .meta({ id: 'HistoryEntry' })

export function toHistoryEntry(run: Run): z.output<typeof historyEntry> {
  return {
    run_id: run.id,
    scheduled_for: run.scheduled_for,
    executed_at: run.started_at ?? run.queued_at ?? run.scheduled_for,
    finished_at: run.finished_at,
    origin: run.origin,
    status: run.status,
    reason: run.reason,
    result: run.result,
    error: run.error,
  }
}
