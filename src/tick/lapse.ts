import { countLapse, endOfSlice, type LapseProgress } from '../core/lapse.ts'
import { TimetableError } from '../core/timetable-error.ts'
import { type LapseRow, lockLapse, momentsWithRun, writeLapse } from '../store/lapses.ts'
import type { Db } from '../store/tables.ts'
import { step, type TickOptions } from './step.ts'

/** Counts a slice of the oldest lapse; at its end the lapse becomes one missed run. */
export async function countSlice(options: TickOptions): Promise<boolean> {
  const missed = await step(options, async (trx) => {
    const lapse = await lockLapse(trx)
    return lapse === null ? null : writeLapse(trx, lapse, await count(trx, lapse))
  })
  for (const counted of missed ?? []) options.events.emit('tick:missed', counted)
  return missed !== null
}

async function count(db: Db, lapse: LapseRow): Promise<LapseProgress> {
  const withRun = await momentsWithRun(db, lapse.scheduleId, lapse.from, endOfSlice(lapse))
  try {
    return countLapse(lapse, withRun)
  } catch (error) {
    // A schedule that was paused because nobody can read its timetable names no instants.
    if (error instanceof TimetableError) return { ranges: lapse.range === null ? [] : [lapse.range], rest: null }
    throw error
  }
}
