/**
 * What a run can become from what it is. A run is created as `waiting`, `queued`, `skipped` or `missed`; the last two
 * never start, and their rows only say why.
 */
const next = {
  waiting: ['queued', 'cancelled'],
  queued: ['running', 'cancelled'],
  running: ['succeeded', 'failed', 'retrying', 'cancelled'],
  retrying: ['running', 'cancelled'],
  succeeded: [],
  failed: [],
  cancelled: [],
  skipped: [],
  missed: [],
} as const satisfies Record<string, readonly string[]>

export type RunStatus = keyof typeof next

export const runStatuses = Object.keys(next) as RunStatus[]

/** The states from which a run may become `status`: what a statement that makes it so must find. */
export function statusesBefore(status: RunStatus): RunStatus[] {
  return runStatuses.filter((before) => (next[before] as readonly string[]).includes(status))
}
