import { forgetOldMinutes, writeMinutes } from '../store/minutes.ts'
import type { Db } from '../store/tables.ts'

const minuteMs = 60_000
/** A minute is written so long after it, when whoever wrote in it has committed. */
const settleMs = 2_500

/** Keeps the figures of minutes. To be called each second: writes those that are over, once a minute. */
export function keepFigures(db: Db): () => Promise<void> {
  let doneIn: number | undefined
  return async () => {
    const minute = Math.floor((Date.now() - settleMs) / minuteMs)
    if (minute === doneIn) return
    doneIn = minute
    await writeMinutes(db)
    await forgetOldMinutes(db)
  }
}
