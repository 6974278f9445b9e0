import { countLapse, endOfSlice, type LapseProgress } from '../core/lapse.ts'
import { TimetableError } from '../core/timetable-error.ts'
import { type LapseRow, lockLapse, momentsWithRun, writeLapse } from '../store/lapses.ts'
import type { Db } from '../store/tables.ts'
import { step, type TickOptions } from './step.ts'

/** Counts a slice of the oldest lapse; at its end the lapse becomes one missed run. */
export async function countSlice(options: TickOptions): Promise<boolean> {
  return step(options, async (trx) => {
    const lapse = await lockLapse(trx)
    if (lapse === null) return false
    await writeLapse(trx, lapse, await count(trx, lapse))
    return true
  })
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
