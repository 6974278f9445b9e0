import { countLapse, type LapseProgress, nextOfLapse } from '../core/lapse.ts'
import { TimetableError } from '../core/timetable.ts'
import { instantsWithRun, type LapseRow, lockLapse, writeLapse } from '../store/lapses.ts'
import type { Db } from '../store/tables.ts'
import { step, type TickOptions } from './step.ts'

/** Counts a slice of the oldest lapse; at its end the lapse becomes one missed run. */
export async function countBatch(options: TickOptions): Promise<boolean> {
  return step(options, async (trx) => {
    const lapse = await lockLapse(trx)
    if (lapse === null) return false
    await writeLapse(trx, lapse, await countSlice(trx, lapse))
    return true
  })
}

async function countSlice(db: Db, lapse: LapseRow): Promise<LapseProgress> {
  try {
    const slice = nextOfLapse(lapse)
    const [first, last] = [slice.instants[0], slice.instants.at(-1)]
    const hasRun =
      first === undefined || last === undefined
        ? new Set<number>()
        : await instantsWithRun(db, lapse.scheduleId, first, last)
    return countLapse(lapse, slice, hasRun)
  } catch (error) {
    // A schedule that was paused because nobody can read its timetable names no instants.
    if (error instanceof TimetableError) return { ranges: [], rest: null }
    throw error
  }
}
