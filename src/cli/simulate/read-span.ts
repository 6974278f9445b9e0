import { z } from 'zod'
import { instant } from '../../http/fields/instant.ts'
import { readDuration } from '../read-values.ts'
import { UsageError } from '../usage-error.ts'
import type { Downtime } from './play.ts'

const dayMs = 86_400_000

export interface Span {
  /** Unix milliseconds, as all of it. */
  readonly from: number
  readonly to: number
  readonly downtimes: readonly Downtime[]
  readonly runForMs: number
}

interface GivenSpan {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly down?: readonly string[] | undefined
  readonly 'run-for'?: string | undefined
}

/** @throws UsageError */
export function readSpan({ from, to, down = [], 'run-for': runFor }: GivenSpan, now: number): Span {
  const start = from === undefined ? now : readInstant('from', from)
  const end = to === undefined ? start + dayMs : readInstant('to', to)
  if (end <= start) throw new UsageError('--to: must be after --from')
  return { from: start, to: end, downtimes: down.map(readDowntime), runForMs: readLength('run-for', runFor ?? '0') }
}

function readDowntime(text: string): Downtime {
  const [from, to, ...rest] = text.split('/')
  if (from === undefined || to === undefined || rest.length > 0) {
    throw new UsageError('--down: must be two instants with a / between them')
  }
  const downtime = { from: readInstant('down', from), to: readInstant('down', to) }
  if (downtime.to <= downtime.from) throw new UsageError('--down: must end after it begins')
  return downtime
}

function readInstant(flag: string, text: string): number {
  const { success, data, error } = instant.safeParse(text)
  if (success) return data
  throw new UsageError(`--${flag}: ${z.flattenError(error).formErrors[0]}`)
}

/** In milliseconds. */
function readLength(flag: string, text: string): number {
  const given = readDuration(text)
  if (typeof given === 'number') return given * 1_000
  const [all, ...parts] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(given) ?? []
  if (all === undefined || parts.every((part) => part === undefined)) {
    throw new UsageError(`--${flag}: must be a duration such as 90s, 5m, 1h30m or PT5M`)
  }
  const [days, hours, minutes, seconds] = parts.map((part) => Number(part ?? 0)) as [number, number, number, number]
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000
}
