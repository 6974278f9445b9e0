const FIRST_MS = 1_000
const LONGEST_MS = 30_000

/**
 * Milliseconds to wait after a failed try: doubling from 1 s to 30 s, of which half is chance, so that workers that
 * failed together don't come back together.
 * @param failedTries 1 after the first
 * @param random a number from 0 to 1
 */
export function backoffMs(failedTries: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failedTries - 1))
  return Math.round(full / 2 + (full / 2) * random)
}
