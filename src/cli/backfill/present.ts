import type { AnswerOf } from '../../client/client.ts'
import { exact } from '../output/times.ts'
import { facts } from '../output/write.ts'

export type Backfill = AnswerOf<'GET /backfills/{id}'>['data']

export function* describe(backfill: Backfill): Generator<string, void> {
  const { starts_at, ends_at, progress, status, error } = backfill
  yield* facts({
    backfill: `${backfill.id} of ${backfill.schedule_name}`,
    status,
    error,
    range: `${exact(starts_at)} to ${exact(ends_at)}, ${backfill.which}, ${backfill.max_active} at once`,
    instants: `${progress.instants} looked up, ${progress.chosen} to run`,
    runs: countsOf(backfill),
  })
}

/** How many of its runs are what, in words. */
export function countsOf({ progress }: Backfill): string {
  const { succeeded, failed, cancelled, running, queued, remaining, taken_over } = progress
  const counts = { succeeded, failed, cancelled, running, queued, remaining, 'taken over': taken_over }
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
}
