import { z } from 'zod'
import { backfillChoices, backfillStates } from '../../core/backfill.ts'
import type { ListedInstant } from '../../store/backfill-listing.ts'
import type { Backfill } from '../../store/backfills.ts'
import { moment } from '../fields/instant.ts'
import { anyJson } from '../fields/json-value.ts'
import { bigint, clockChange, runStatus } from './run.ts'

const count = z.int()
export const backfillResource = z
  .object({
    id: bigint,
    schedule_id: z.guid(),
    schedule_name: z.string(),
    starts_at: moment,
    ends_at: moment,
    which: z.enum(backfillChoices),
    max_active: z.int(),
    payload: anyJson,
    dry_run: z.boolean(),
    status: z.enum(backfillStates),
    listed_until: moment.nullable().describe('How far its instants have been looked up'),
    error: z.string().nullable(),
    created_at: moment,
    created_by: z.string(),
    finished_at: moment.nullable(),
    progress: z.object({
      instants: count,
      chosen: count,
      remaining: count,
      queued: count,
      running: count,
      succeeded: count,
      failed: count,
      cancelled: count,
      taken_over: count.describe('Runs that a later backfill made its own'),
    }),
  })
  .meta({ id: 'Backfill' })

export const instantResource = z
  .object({
    scheduled_for: moment,
    found: runStatus.nullable().describe('The status of the run that the instant has'),
    chosen: z.boolean().describe('Whether it is run'),
    clock_change: clockChange.nullable(),
  })
  .meta({ id: 'BackfillInstant' })

export function presentInstant({ at, found, isChosen, clockChange }: ListedInstant): z.output<typeof instantResource> {
  return { scheduled_for: new Date(at), found, chosen: isChosen, clock_change: clockChange }
}

export function presentBackfill(backfill: Backfill): z.output<typeof backfillResource> {
  const { instants, chosen, remaining, queued, running, succeeded, failed, cancelled, taken_over, ...row } = backfill
  return {
    ...row,
    progress: {
      instants: Number(instants),
      chosen: Number(chosen),
      remaining: Number(remaining),
      queued: Number(queued),
      running: Number(running),
      succeeded: Number(succeeded),
      failed: Number(failed),
      cancelled: Number(cancelled),
      taken_over: Number(taken_over),
    },
  }
}
