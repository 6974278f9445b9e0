/** How far the clocks of a zone are ahead of UTC at an instant, in milliseconds. */
export type OffsetAt = (instant: number) => number

/** @throws RangeError when there is no such zone */
export function readTimeZone(name: string): OffsetAt {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  return (instant) => {
    const [, sign, hours, minutes, seconds = 0] = offsetPattern.exec(format.format(instant)) ?? []
    if (sign === undefined) return 0
    const distance = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000
    return sign === '-' ? -distance : distance
  }
}

/** The offset at the end of, for instance, `3/9/2025, GMT-04:00`; UTC has none. */
const offsetPattern = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/
