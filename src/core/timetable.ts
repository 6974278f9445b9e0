import { type CronExpression, readCronExpression } from './cron-expression.ts'
import { nextCronInstant } from './cron-instant.ts'
import { remember } from './memory.ts'
import { offsetsOf } from './time-zone.ts'
import { TimetableError } from './timetable-error.ts'

/** When a schedule fires: exactly one of `cronExpression`, `everyMs` and `runAt` is set. Instants are Unix milliseconds. */
export interface Timetable {
  readonly cronExpression: string | null
  /** IANA name; the zone that the cron expression is read in. */
  readonly timezone: string
  readonly everyMs: number | null
  /** `every` counts from here, so that neither restarts nor edits drift it. */
  readonly anchor: number
  readonly runAt: number | null
  /** Inclusive bounds. */
  readonly startsAt: number | null
  readonly endsAt: number | null
}

/**
 * The first instant strictly after another one, or null when there is none.
 * @throws TimetableError when croner refuses the expression or the zone
 */
export function nextInstant(timetable: Timetable, after: number): number | null {
  const { startsAt, endsAt } = timetable
  const from = startsAt === null ? after : Math.max(after, startsAt - 1)
  const next = nextUnbounded(timetable, from)
  if (Number.isNaN(next)) throw new TimetableError('cron_expression', 'its bounds are no instants')
  return next === null || next > Math.min(endsAt ?? lastInstant, lastInstant) ? null : next
}

/** Later ones have no four-digit year, and nobody waits for them. */
const lastInstant = Date.UTC(9999, 11, 31)

function nextUnbounded(timetable: Timetable, after: number): number | null {
  const { cronExpression, timezone, everyMs, anchor, runAt } = timetable
  if (cronExpression !== null) return rememberedCronInstant(cronExpression, timezone, after)
  if (everyMs !== null) return anchor + Math.max(0, Math.floor((after - anchor) / everyMs) + 1) * everyMs
  return runAt !== null && runAt > after ? runAt : null
}

// Many schedules share few expressions, and a burst asks each of them about the same instant.
const expressions = new Map<string, CronExpression>()
const instants = new Map<string, number | null>()
// An expression that names years takes 80 kB.
const mostExpressions = 1_000
const mostInstants = 20_000

function rememberedCronInstant(text: string, timezone: string, after: number): number | null {
  const offsetAt = offsetsOf(timezone)
  const key = `${after} ${timezone} ${text}`
  const known = instants.get(key)
  if (known !== undefined) return known
  try {
    const expression = expressions.get(text) ?? remember(expressions, text, readCronExpression(text), mostExpressions)
    return remember(instants, key, nextCronInstant(expression, offsetAt, after), mostInstants)
  } catch (error) {
    throw new TimetableError('cron_expression', readableReason(error))
  }
}

function readableReason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/^Cron(Pattern|Date)?: /, '').slice(0, 500)
}
