import { type Finding, fail, pass, warn } from '../../finding.ts'
import { type ClockOffset, readClockOffset } from '../../store/clock-offset.ts'
import type { Check } from '../check.ts'

const warnAboveMs = 500
const failAboveMs = 5_000

/** Whether this host and the database mean the same by now. */
export const clocks: Check = {
  name: 'clocks',
  needs: 'postgres',
  look: async ({ db }) => judge(await readClockOffset(db)),
}

export function judge({ aheadMs, uncertainMs }: ClockOffset): Finding {
  const apartMs = Math.max(0, Math.abs(aheadMs) - uncertainMs)
  const direction = aheadMs > 0 ? 'ahead of' : 'behind'
  const seconds = (Math.abs(aheadMs) / 1_000).toFixed(3)
  const found = `the clock of the database is ${seconds} s ${direction} that of this host (± ${uncertainMs.toFixed(1)} ms)`
  if (apartMs <= warnAboveMs) return pass(found)
  const action = "synchronise both by NTP; the database's clock decides what is due, this host's is in its logs"
  return apartMs > failAboveMs ? fail(found, action) : warn(found, action)
}
