/**
 * What a run can become from what it is. A run is created as `waiting`, `queued`, `skipped` or `missed`; the last two
 * never start by themselves, and their rows only say why. What is over is queued again when a backfill or an operator
 * asks for it.
 */
const next = {
  waiting: ['queued', 'cancelled'],
  queued: ['running', 'cancelled'],
  running: ['succeeded', 'failed', 'retrying', 'cancelled'],
  retrying: ['running', 'cancelled'],
  succeeded: ['queued'],
  failed: ['queued'],
  cancelled: ['queued'],
  skipped: ['queued'],
  missed: ['queued'],
} as const satisfies Record<string, readonly string[]>

export type RunStatus = keyof typeof next

export const runStatuses = Object.keys(next) as RunStatus[]

/** The states from which a run may become `status`: what a statement that makes it so must find. */
export function statusesBefore(status: RunStatus): RunStatus[] {
  return runStatuses.filter((before) => (next[before] as readonly string[]).includes(status))
}
