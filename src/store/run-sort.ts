export const runSorts = [
  'newest',
  '-id',
  'id',
  '-scheduled_for',
  'scheduled_for',
  '-finished_at',
  'finished_at',
] as const
/**
 * `newest` is `-id` within each of the stretches in which it looks for runs, the latest first: what was written long after
 * its instant, as a backfill does, comes with its time. The others look at all partitions between `from` and `until`, and
 * `-scheduled_for` at no more of them than it needs.
 *
 * By scheduled_for is for the runs of one schedule; by finished_at lists those that are over.
 */
export type RunSort = (typeof runSorts)[number]

/** Where a part of a list ends: the values of its last row that it is sorted by. `at` is to the microsecond. */
export type RunKey =
  | { readonly id: string }
  | { readonly id: string; readonly at: string }
  /** The stretches are counted from an instant (Unix milliseconds) on; this is the one that the row is in. */
  | { readonly id: string; readonly anchor: number; readonly stretch: number }
