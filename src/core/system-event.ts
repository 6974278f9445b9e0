/** What can be done to the keys and workers of the system itself. */
export const systemEventTypes = ['key_created', 'key_revoked', 'worker_drained', 'worker_undrained'] as const
export type SystemEventType = (typeof systemEventTypes)[number]
