/** With the milliseconds that each has, the largest first. */
export const durationUnits = [
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
  const parts = durationUnits.map(([unit, unitMs]) => {
    const count = Math.floor(rest / unitMs)
    rest %= unitMs
    return { count, unit }
  })
  const first = parts.findIndex(({ count }) => count > 0)
  const largest = parts.slice(first, first + 2).filter(({ count }) => count > 0)
  return largest.map(({ count, unit }) => `${count} ${unit}`).join(' ')
}
