const firstMs = 5_000
const factor = 3
const mostMs = 15 * 60_000

/**
 * Milliseconds to wait before the next attempt: 5 s, 15 s, 45 s … up to 15 minutes, each shortened by up to a quarter so
 * that what failed together does not come back together.
 * @param attempt the attempt that failed, 1 for the first
 * @param random from 0 to 1
 */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(mostMs, firstMs * factor ** (attempt - 1))
  return Math.round(full * (1 - random / 4))
}
