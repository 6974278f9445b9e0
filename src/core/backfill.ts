import { type RunStatus, statusesBefore } from './run-state.ts'

/** Which instants of its range a backfill runs. */
export const backfillChoices = ['missing', 'failed', 'all'] as const
export type BackfillChoice = (typeof backfillChoices)[number]

export const backfillStates = ['listing', 'listed', 'running', 'completed', 'cancelled', 'failed'] as const
export type BackfillState = (typeof backfillStates)[number]

const over = statusesBefore('queued').filter((status) => status !== 'waiting')

/** What the run of an instant must be for a backfill to make it run again. */
export const runAgain: Readonly<Record<BackfillChoice, readonly RunStatus[]>> = {
  missing: ['missed', 'skipped'],
  failed: ['failed'],
  all: over,
}

/**
 * Whether a backfill runs an instant.
 * @param found the status of the run that the ledger has for it; null = it has none
 */
export function isChosen(which: BackfillChoice, found: RunStatus | null): boolean {
  return found === null ? which !== 'failed' : runAgain[which].includes(found)
}

const mostInstants = 100_000

/** Why a range with so many instants is not taken, or null. */
export function tooLong(instants: number): string | null {
  return instants > mostInstants ? `the range names more than ${mostInstants} instants: split it` : null
}
