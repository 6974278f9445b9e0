import { locale } from '../words/words.ts'
import { now } from './clock.ts'
import { words } from './words.ts'

interface InstantProps {
  /** ISO 8601. */
  readonly at: string | null
  /** Whose local time is shown; left out, the viewer's. */
  readonly zone?: string | undefined
  /** Whether it is told by how far it is from now. */
  readonly isRelative?: boolean
}

/** An instant, always with its zone. */
export function Instant({ at, zone, isRelative = false }: InstantProps) {
  if (at === null) return <span class="soft">{words.value.never}</span>
  const exact = exactTime(at, zone)
  return (
    <time dateTime={at} title={isRelative ? exact : undefined}>
      {isRelative ? relativeTime(Date.parse(at) - now.value) : exact}
    </time>
  )
}

/** The viewer's own zone. */
export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone

/** To the second, with the zone's name. */
export function exactTime(at: string, zone = ownZone): string {
  const format = new Intl.DateTimeFormat(locale.value, {
    timeZone: zone,
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  })
  return format.format(new Date(at))
}

/** To the millisecond, in the viewer's own zone; to be shown where that is named. */
export function timeOfDay(at: string): string {
  const instant = new Date(at)
  return `${instant.toTimeString().slice(0, 8)}.${String(instant.getMilliseconds()).padStart(3, '0')}`
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** @param ms from now; the past is negative */
function relativeTime(ms: number): string {
  const format = new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto', style: 'short' })
  const [unit, unitMs] = units.find(([, unitMs]) => Math.abs(ms) >= unitMs) ?? ['second', 1_000]
  return format.format(Math.trunc(ms / unitMs), unit)
}
