import type { Actor } from '../../store/as-actor.ts'
import type { Caller } from '../endpoint.ts'
import { Problem } from '../problem.ts'

/** Without keys everybody on this machine is one and the same. */
export const anybody: Caller = { name: 'api', keyName: null, role: 'admin' }

/** A caller for the audit trail, and what they say about what they do. */
export function actorOf({ name }: Caller, note?: string): Actor {
  return { name, note }
}

/**
 * Another payload than the schedule's own makes a task do anything: that is for those who may edit schedules.
 * @throws Problem forbidden
 */
export function requirePayloadRight({ role }: Caller, payload: unknown): void {
  if (payload !== undefined && role !== 'admin') {
    throw new Problem('forbidden', 'a payload of its own takes the role admin')
  }
}
