import { tooLong } from '../core/backfill.ts'
import { TimetableError } from '../core/timetable-error.ts'
import { failBackfill, type ListingRow, listInstants, lockListing, writeListed } from '../store/backfill-listing.ts'
import { advanceBackfills, closeBackfills } from '../store/backfill-running.ts'
import type { Db } from '../store/tables.ts'
import { step, type TickOptions } from './step.ts'

/** Lists a slice of the instants of the oldest backfill that is not listed yet. */
export async function list(options: TickOptions): Promise<boolean> {
  const listed = await step(options, async (trx) => {
    const listing = await lockListing(trx)
    if (listing === null) return null
    const error = await listSlice(trx, listing)
    if (error !== null) await failBackfill(trx, listing.id, error)
    return { backfillId: listing.id, error }
  })
  if (listed !== null && listed.error !== null)
    options.events.emit('backfill:finished', { ...listed, status: 'failed' })
  return listed !== null
}

/** Answers why the backfill can't be run, or null. */
async function listSlice(db: Db, listing: ListingRow): Promise<string | null> {
  const { timetable } = listing
  if (timetable === null) return 'the schedule was deleted'
  try {
    const { instants, isAtEnd } = await listInstants(db, { ...listing, timetable })
    const refusal = tooLong(listing.listed + instants.length)
    if (refusal === null) await writeListed(db, listing, instants, isAtEnd)
    return refusal
  } catch (error) {
    if (error instanceof TimetableError) return error.message
    throw error
  }
}

/** Queues what the running backfills have room for, and closes those that have nothing left. */
export async function advance(options: TickOptions): Promise<boolean> {
  const { db, events } = options
  const jobs = await step(options, advanceBackfills)
  if (jobs > 0) events.emit('tick:promoted', { jobs, origin: 'backfill' })
  const closed = await closeBackfills(db)
  for (const { id, status, error } of closed) events.emit('backfill:finished', { backfillId: id, status, error })
  return jobs + closed.length > 0
}
