import { sql } from 'kysely'
import type { RunFilter } from './run-filter.ts'
import { type Found, type Look, readRuns } from './run-reading.ts'
import type { Db } from './tables.ts'

/**
 * The runs of one schedule with the greatest ids. No index has them in that order: it would take all that the schedule has,
 * or all that there are of any schedule. But those with the latest instants are quickly found, and are all that there is of
 * their time; of the time before, nothing counts that was written before all of them, and the key finds what was written
 * later. That is next to nothing, unless there was a backfill.
 */
export async function readNewestOfSchedule(
  db: Db,
  filter: RunFilter,
  { after, limit, offset }: Look,
): Promise<Found[]> {
  const part = { after, limit: limit + offset, offset: 0 }
  const latest = await readRuns(db, filter, { ...part, sort: '-scheduled_for' })
  const earlier = latest.length < part.limit ? [] : await readRuns(db, filter, { ...part, ...writtenLater(latest) })
  return [...latest, ...earlier]
    .toSorted((one, other) => (idOf(one) < idOf(other) ? 1 : -1))
    .slice(offset, offset + limit)
    .map(({ run }) => ({ run, at: null }))
}

/** What came before all of these, and was written later than one of them. Nearly none or very many: which, a plan must know. */
function writtenLater(latest: readonly Found[]) {
  const least = latest.map(idOf).reduce((one, other) => (one < other ? one : other))
  const conditions = [sql`scheduled_for < ${latest.at(-1)?.at}::timestamptz`, sql`id > ${String(least)}`]
  return { sort: 'newest', planned: 'anew', conditions } as const
}

function idOf({ run }: Found): bigint {
  return BigInt(run.id)
}
