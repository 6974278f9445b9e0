/** What a list of schedules is sorted by; with a dash before it, from the last to the first. */
export const scheduleSorts = [
  'name',
  '-name',
  'created_at',
  '-created_at',
  'updated_at',
  '-updated_at',
  'next_run_at',
  '-next_run_at',
] as const
/** By next_run_at only the enabled schedules are listed that have a next instant. */
export type ScheduleSort = (typeof scheduleSorts)[number]
