/** The first full minute that is at least so far away, in Unix milliseconds, and the cron expression for it in UTC. */
export function minuteIn(leastMs: number): { due: number; cron: string } {
  const due = Math.ceil((Date.now() + leastMs) / 60_000) * 60_000
  const at = new Date(due)
  return { due, cron: `${at.getUTCMinutes()} ${at.getUTCHours()} * * *` }
}
