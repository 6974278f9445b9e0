const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** A duration for people, by its two largest units: 850 ms, 4.2 s, 3 min 5 s, 2 h. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${ms % 1_000 === 0 ? ms / 1_000 : (ms / 1_000).toFixed(1)} s`
  let rest = Math.round(ms / 1_000) * 1_000
  const parts = units.map(([unit, unitMs]) => {
    const count = Math.floor(rest / unitMs)
    rest %= unitMs
    return { count, unit }
  })
  const first = parts.findIndex(({ count }) => count > 0)
  const largest = parts.slice(first, first + 2).filter(({ count }) => count > 0)
  return largest.map(({ count, unit }) => `${count} ${unit}`).join(' ')
}

/** As `durationText`, of a duration as the API writes it. */
export function isoDurationText(iso: string): string {
  const ms = durationMs(iso)
  return ms === null ? iso : durationText(ms)
}

const isoDuration = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/

/**
 * In milliseconds; null of what is no duration.
 * @param iso as the API writes durations: days at most, no weeks or months
 */
export function durationMs(iso: string): number | null {
  const parts = isoDuration.exec(iso)
  if (parts === null) return null
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000
}
