/** When a schedule is due: what the ledger is compared with. Instants are Unix milliseconds. */
export interface Timetable {
  readonly kind: Kind
  /** Inclusive bounds. */
  readonly startsAt: number
  readonly endsAt: number
}

type Kind =
  | { readonly cron: Cron }
  | { readonly everyMs: number /** The first instant. */; readonly first: number }
  | { readonly runAt: number }

/** The values that each field names. */
interface Cron {
  readonly seconds: ReadonlySet<number>
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number>
  /** With both given, either will do. */
  readonly eitherDay: boolean
}

/** The instants from one moment (inclusive) to another (exclusive), in their order. */
export function instantsOf({ kind, startsAt, endsAt }: Timetable, from: number, to: number): number[] {
  const first = Math.ceil(Math.max(from, startsAt))
  const isWithin = (instant: number) => instant >= first && instant < to && instant <= endsAt
  if ('runAt' in kind) return isWithin(kind.runAt) ? [kind.runAt] : []
  const last = Math.min(to, endsAt + 1)
  if ('everyMs' in kind) {
    const before = Math.max(0, Math.ceil((first - kind.first) / kind.everyMs))
    return series(kind.first + before * kind.everyMs, kind.everyMs, last)
  }
  return series(Math.ceil(first / 1_000) * 1_000, 1_000, last).filter((instant) => names(kind.cron, instant))
}

function series(first: number, step: number, end: number): number[] {
  const length = Math.max(0, Math.ceil((end - first) / step))
  if (!Number.isFinite(length)) throw new RangeError('the end of what is asked for must be known')
  return Array.from({ length }, (_, index) => first + index * step)
}

function names(cron: Cron, instant: number): boolean {
  const date = new Date(instant)
  if (!cron.seconds.has(date.getUTCSeconds()) || !cron.minutes.has(date.getUTCMinutes())) return false
  if (!cron.hours.has(date.getUTCHours()) || !cron.months.has(date.getUTCMonth() + 1)) return false
  const isDay = cron.days.has(date.getUTCDate())
  const isWeekday = cron.weekdays.has(date.getUTCDay())
  return cron.eitherDay ? isDay || isWeekday : isDay && isWeekday
}

/** Reads 5 or 6 fields of `*`, numbers, ranges, lists and steps. @throws RangeError for anything else */
export function readCron(expression: string): Cron {
  const fields = expression.trim().split(/\s+/)
  const [seconds, minutes, hours, days, months, weekdays, ...more] = fields.length === 5 ? ['0', ...fields] : fields
  if (!seconds || !minutes || !hours || !days || !months || !weekdays || more.length > 0) throw unreadable(expression)
  const values = (field: string, least: number, most: number) => {
    const named = field.split(',').flatMap((part) => valuesOf(part, least, most))
    if (named.length === 0 || named.some((value) => value < least || value > most)) throw unreadable(expression)
    return named
  }
  return {
    seconds: new Set(values(seconds, 0, 59)),
    minutes: new Set(values(minutes, 0, 59)),
    hours: new Set(values(hours, 0, 23)),
    days: new Set(values(days, 1, 31)),
    months: new Set(values(months, 1, 12)),
    weekdays: new Set(values(weekdays, 0, 7).map((day) => day % 7)),
    eitherDay: days !== '*' && weekdays !== '*',
  }
}

function valuesOf(part: string, least: number, most: number): number[] {
  const [, all, from, to, step] = /^(?:(\*)|(\d+)(?:-(\d+))?)(?:\/([1-9]\d*))?$/.exec(part) ?? []
  if (all === undefined && from === undefined) return [-1]
  // A number with a step, as 5/15, has no end; we leave it to others.
  if (from !== undefined && to === undefined) return [step === undefined ? Number(from) : -1]
  const first = all === undefined ? Number(from) : least
  const end = all === undefined ? Number(to) : most
  if (end > most) return [end]
  const values = []
  for (let value = first; value <= end; value += Number(step ?? 1)) values.push(value)
  return values
}

const unreadable = (expression: string) =>
  new RangeError(`the checker reads 5 or 6 fields of *, numbers, ranges, lists and steps, not ${expression}`)
