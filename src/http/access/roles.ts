import type { ApiKeyRole } from '../../store/tables.ts'

/**
 * From the least to the most, each may do what those before it may. A viewer reads. An operator also runs what there is as
 * it is: trigger, pause, resume, cancel, retry, backfill; and drains workers. An admin also changes what there is: create,
 * edit and delete schedules, override payloads, create and revoke keys.
 */
export const roles = ['viewer', 'operator', 'admin'] as const satisfies readonly ApiKeyRole[]

export type Role = (typeof roles)[number]

/** Whether somebody with a role may do what takes another. */
export function mayAct(role: Role, required: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(required)
}
