import { isChosen, mostBackfillInstants } from '../core/backfill.ts'
import { clockChange } from '../core/clock-change.ts'
import { whyNot } from '../core/plan.ts'
import type { Timetable } from '../core/timetable.ts'
import { walk } from '../core/walk.ts'
import {
  advanceBackfills,
  closeBackfills,
  failBackfill,
  findRunsAt,
  type ListingRow,
  lockListing,
  writeListed,
} from '../store/backfills.ts'
import type { Db } from '../store/tables.ts'
import { step, type TickOptions } from './step.ts'

const instantsAtOnce = 1_000

/** Lists a slice of the instants of the oldest backfill that is not listed yet. */
export async function list(options: TickOptions): Promise<boolean> {
  return step(options, async (trx) => {
    const listing = await lockListing(trx)
    if (listing === null) return false
    const error = await listSlice(trx, listing)
    if (error !== null) await failBackfill(trx, listing.id, error)
    return true
  })
}

/** Answers why the backfill can't be run, or null. */
async function listSlice(db: Db, listing: ListingRow): Promise<string | null> {
  const { timetable, scheduleId, which, after, endsAt } = listing
  if (timetable === null) return 'the schedule was deleted'
  const slice = instantsOf(timetable, after, endsAt)
  if ('error' in slice) return slice.error
  const { instants, isAtEnd } = slice
  if (listing.listed + instants.length > mostBackfillInstants) {
    return `the range names more than ${mostBackfillInstants} instants: split it`
  }
  const found = await findRunsAt(db, scheduleId, instants)
  const listed = instants.map((at, index) => {
    const status = found[index] ?? null
    return { at, found: status, isChosen: isChosen(which, status), clockChange: clockChange(timetable, at) }
  })
  await writeListed(db, listing, listed, isAtEnd)
  return null
}

function instantsOf(timetable: Timetable, after: number, upTo: number) {
  try {
    return walk(timetable, { after, upTo, most: instantsAtOnce })
  } catch (error) {
    return { error: whyNot(error).error }
  }
}

/** Queues what the running backfills have room for, and closes those that have nothing left. */
export async function advance({ db, events }: TickOptions): Promise<boolean> {
  const jobs = await advanceBackfills(db)
  if (jobs > 0) events.emit('tick:promoted', { jobs })
  const closed = await closeBackfills(db)
  for (const { id, status } of closed) events.emit('backfill:finished', { backfillId: id, status })
  return jobs + closed.length > 0
}
