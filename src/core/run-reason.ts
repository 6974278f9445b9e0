import type { RunStatus } from './run-state.ts'

/** What a run with a reason can be. */
const statusesOf: Readonly<Record<string, readonly RunStatus[]>> = {
  overlap: ['skipped'],
  replaced: ['skipped', 'cancelled', 'running'],
  catch_up_none: ['missed'],
  catch_up_latest: ['missed'],
  outside_window: ['missed'],
  paused: ['missed'],
  edited: ['missed'],
  deleted: ['missed'],
  cancelled: ['cancelled', 'running'],
  partial: ['succeeded'],
  timeout: ['failed'],
  worker_lost: ['failed'],
}

/** The states in which runs with this reason are found; none for a reason that nobody gives. */
export function statusesWithReason(reason: string): readonly RunStatus[] {
  return (Object.hasOwn(statusesOf, reason) ? statusesOf[reason] : undefined) ?? []
}
