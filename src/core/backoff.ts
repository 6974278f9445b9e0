const usualFirstMs = 5_000
const factor = 3
const mostMs = 15 * 60_000

/**
 * Milliseconds to wait before the next attempt: 5 s, 15 s, 45 s … up to 15 minutes, each shortened by up to a quarter so
 * that what failed together does not come back together.
 * @param attempt the attempt that failed, 1 for the first
 * @param random from 0 to 1
 * @param firstMs instead of the 5 s; when it is more than 15 minutes, all are as long. null = 5 s
 */
export function backoffMs(attempt: number, random: number, firstMs: number | null): number {
  const first = firstMs ?? usualFirstMs
  const full = Math.min(Math.max(first, mostMs), first * factor ** (attempt - 1))
  return Math.round(full * (1 - random / 4))
}

const firstReconnectMs = 100
const longestReconnectMs = 5_000

/**
 * Milliseconds until a part of the system asks again for a Postgres that was not there: 0.1 s, doubling up to 5 s, each
 * shortened at random by up to a half.
 * @param failures in a row, 1 for the first
 * @param random from 0 to 1
 */
export function reconnectMs(failures: number, random: number): number {
  return Math.min(longestReconnectMs, firstReconnectMs * 2 ** (failures - 1)) * (1 - random / 2)
}
