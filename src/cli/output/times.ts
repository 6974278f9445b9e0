const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** `in 3 min`, `2 h ago`: how far an instant is from now. */
export function relative(instant: string, now = Date.now()): string {
  const distance = Date.parse(instant) - now
  const size = Math.abs(distance)
  if (size < 1_000) return 'now'
  const [unit, ms] = units.find(([, least]) => size >= least) ?? ['s', 1_000]
  const amount = `${Math.floor(size / ms)} ${unit}`
  return distance > 0 ? `in ${amount}` : `${amount} ago`
}

/** `2026-03-01 09:30:00+09:00`: an instant in the time zone of whoever looks. */
export function exact(instant: string): string {
  const date = new Date(instant)
  const offset = -date.getTimezoneOffset()
  const shifted = new Date(date.getTime() + offset * 60_000).toISOString()
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 19)}${offset === 0 ? 'Z' : zone}`
}

/** Both; a dash for none. */
export function exactAndRelative(instant: string | null): string {
  return instant === null ? '–' : `${exact(instant)} (${relative(instant)})`
}

/** `1.2 s`, `3 min 4 s`; a dash for none. */
export function length(ms: number | null): string {
  if (ms === null) return '–'
  if (ms < 1_000) return `${ms} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)]
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`
}

function two(number: number): string {
  return String(Math.floor(number)).padStart(2, '0')
}
