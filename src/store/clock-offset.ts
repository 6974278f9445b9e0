import { sql } from 'kysely'
import type { Db } from './tables.ts'

const samples = 5

export interface ClockOffset {
  /** How far the server's clock is ahead of this process's, in milliseconds. */
  readonly aheadMs: number
  /** It may be wrong by this much in both directions: half of the quickest round trip. */
  readonly uncertainMs: number
}

/** Compares two clocks, by the middle of the quickest of a few round trips. */
export async function readClockOffset(db: Db): Promise<ClockOffset> {
  const readings: ClockOffset[] = []
  for (let sample = 0; sample < samples; sample += 1) {
    const [before, beganAt] = [Date.now(), performance.now()]
    const { rows } = await sql<{ now: number }>`
      select extract(epoch from clock_timestamp())::float8 * 1000 as now`.execute(db)
    const tookMs = performance.now() - beganAt
    readings.push({ aheadMs: (rows[0]?.now ?? 0) - (before + tookMs / 2), uncertainMs: tookMs / 2 })
  }
  return readings.reduce((best, reading) => (reading.uncertainMs < best.uncertainMs ? reading : best))
}
