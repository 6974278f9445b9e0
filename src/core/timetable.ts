import { Cron } from 'croner'

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

/** A timetable that can't be read, or that names no instant any more. */
export class TimetableError extends Error {
  override readonly name = 'TimetableError'
  /** What is wrong with it. */
  readonly field: 'cron_expression' | 'timezone'

  constructor(field: TimetableError['field'], message: string) {
    super(message)
    this.field = field
  }
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
  if (cronExpression !== null) return nextCronInstant(cronExpression, timezone, after)
  if (everyMs !== null) return anchor + Math.max(0, Math.floor((after - anchor) / everyMs) + 1) * everyMs
  return runAt !== null && runAt > after ? runAt : null
}

// Many schedules share few expressions, and a burst asks each of them about the same instant.
const parsed = new Map<string, Cron>()
const remembered = new Map<string, number | null>()
const mostRemembered = 20_000

function nextCronInstant(expression: string, timezone: string, after: number): number | null {
  const key = `${after} ${timezone} ${expression}`
  const known = remembered.get(key)
  if (known !== undefined) return known
  let next: Date | null
  try {
    next = cron(expression, timezone).nextRun(new Date(after))
  } catch (error) {
    if (!isTimeZone(timezone)) throw new TimetableError('timezone', `no time zone is called '${timezone}'`)
    throw new TimetableError('cron_expression', readableReason(error))
  }
  if (next !== null && next.getTime() <= after) {
    throw new TimetableError(
      'cron_expression',
      `the instant after ${new Date(after).toISOString()} came out as ${next.toISOString()}`,
    )
  }
  return remember(remembered, key, next === null ? null : next.getTime())
}

function cron(expression: string, timezone: string): Cron {
  const key = `${timezone} ${expression}`
  return parsed.get(key) ?? remember(parsed, key, new Cron(expression, { timezone, sloppyRanges: true }))
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function remember<Value>(memory: Map<string, Value>, key: string, value: Value): Value {
  if (memory.size >= mostRemembered) memory.delete(memory.keys().next().value as string)
  memory.set(key, value)
  return value
}

function readableReason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/^Cron(Pattern|Date)?: /, '').slice(0, 500)
}
