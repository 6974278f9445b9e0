// The request and response shapes of the API that pgbeat replaces, and what they are called here:
//
//   execution_policy      → overlap_policy
//   kwargs, task_params   → payload (both at once are merged; task_params wins)
//   GET …/history         → runs, with executed_at for the instant at which a run began
//
// Requests may use either name, responses carry both.

import { z } from 'zod'
import type { Run } from '../store/runs.ts'
import type { Schedule } from '../store/schedules.ts'
import { jsonObject } from './json-value.ts'

export const documentsFields = {
  execution_policy: z.enum(['skip', 'queue', 'allow']).optional().describe('Old name of overlap_policy'),
  kwargs: jsonObject.nullish().describe('Old name of payload'),
  task_params: jsonObject.nullish().describe('Old name of payload'),
}

interface WithDocumentsFields {
  readonly execution_policy?: 'skip' | 'queue' | 'allow' | undefined
  readonly kwargs?: Record<string, unknown> | null | undefined
  readonly task_params?: Record<string, unknown> | null | undefined
}

/** A request in today's words. A value under its own name wins over one under an old name. */
export function fromDocuments<Body extends WithDocumentsFields>({
  execution_policy,
  kwargs,
  task_params,
  ...body
}: Body): Omit<Body, keyof WithDocumentsFields> {
  return {
    ...(execution_policy !== undefined && { overlap_policy: execution_policy }),
    ...((kwargs || task_params) && { payload: { ...kwargs, ...task_params } }),
    ...body,
  }
}

/** What responses carry besides today's names. */
export function toDocuments({ overlap_policy, payload }: Pick<Schedule, 'overlap_policy' | 'payload'>) {
  return { execution_policy: overlap_policy, kwargs: payload, task_params: payload }
}

export function toHistoryEntry(run: Run) {
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
