import { durationText } from '../../core/duration-text.ts'

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
