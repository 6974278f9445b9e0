/** What can be done to a schedule; what is done to its runs by hand counts too. */
export const scheduleEventTypes = [
  'created',
  'updated',
  'paused',
  'resumed',
  'deleted',
  'triggered',
  'backfilled',
  'cancelled',
  'retried',
] as const
export type ScheduleEventType = (typeof scheduleEventTypes)[number]
