import { durationText, durationUnits } from '../../core/duration-text.ts'

/** `in 3 min`, `2 h ago`: how far an instant is from now. */
export function relative(instant: string, now = Date.now()): string {
  const distance = Date.parse(instant) - now
  const size = Math.abs(distance)
  if (size < 1_000) return 'now'
  const [unit, ms] = durationUnits.find(([, least]) => size >= least) ?? ['s', 1_000]
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
  return ms === null ? '–' : durationText(ms)
}

function two(number: number): string {
  return String(Math.floor(number)).padStart(2, '0')
}
