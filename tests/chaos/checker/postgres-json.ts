// How Postgres writes instants and durations in the changes of a schedule.

/** Unix milliseconds; what is below a millisecond becomes a fraction. */
export function readInstant(text: string): number {
  const [, microseconds = ''] = /\.\d{3}(\d{1,3})/.exec(text) ?? []
  return Date.parse(text) + Number(microseconds.padEnd(3, '0')) / 1_000
}

/** Milliseconds. @throws RangeError for months and years, which differ in length */
export function readDuration(text: string): number {
  const [, days, hours, minutes, seconds] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text) ?? []
  const total = ((Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)
  if (total === 0) throw new RangeError(`the checker reads durations of days, hours, minutes and seconds, not ${text}`)
  return Math.round(total * 1_000)
}
