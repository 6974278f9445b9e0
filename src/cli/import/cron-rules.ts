import { nextInstant } from '../../core/timetable.ts'

/** Why an expression can't be a schedule's, or null. */
export function whyNoTimetable(cronExpression: string, timezone: string): string | null {
  const rest = { everyMs: null, anchor: 0, runAt: null, startsAt: null, endsAt: null }
  try {
    const next = nextInstant({ ...rest, cronExpression, timezone }, Date.now())
    return next === null ? `${cronExpression} names no instant` : null
  } catch (error) {
    return `${cronExpression}: ${(error as Error).message}`
  }
}

type CronFields = readonly [minute: string, hour: string, day: string, month: string, weekday: string]

/**
 * Vixie cron's reading, which pg_cron has, too: where either day begins with a star, both must match. A star with a step
 * is there a day that isn't given; here it is, and a `+` says that both must match.
 */
export function fromVixie([minute, hour, day, month, weekday]: CronFields): string {
  const isBoth = day.startsWith('*') || weekday.startsWith('*')
  return join([minute, hour, day, month, weekday], isBoth)
}

/** Celery's reading: both days must match, ranges may go round (`22-4`), and days of the week may be spelled out. */
export function fromCelery([minute, hour, day, month, weekday]: CronFields): string {
  const fields = [
    unrolled(minute, 0, 59),
    unrolled(hour, 0, 23),
    unrolled(day, 1, 31),
    unrolled(shortNames(month), 1, 12),
    unrolled(shortNames(weekday), 0, 6),
  ] as const
  return join(fields, true)
}

function join([minute, hour, day, month, weekday]: CronFields, isBoth: boolean): string {
  const isGiven = (field: string) => field !== '*' && field !== '?'
  const mark = isBoth && isGiven(day) && isGiven(weekday) ? '+' : ''
  return [minute, hour, day, month, `${mark}${weekday}`].join(' ')
}

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

function shortNames(field: string): string {
  return field.toLowerCase().replaceAll(/[a-z]{3,}/g, (name) => name.slice(0, 3))
}

/** Ranges that go round become lists. */
function unrolled(field: string, least: number, most: number): string {
  return field
    .split(',')
    .map((part) => part.trim())
    .map((part) => {
      const [, first, last, step = '1'] = /^(\w+)-(\w+)(?:\/(\d+))?$/.exec(part) ?? []
      if (first === undefined || last === undefined) return part
      const [from, to] = [toNumber(first, most), toNumber(last, most)]
      if (from === null || to === null || from <= to) return part
      const all = [...numbers(from, most), ...numbers(least, to)]
      return all.filter((_, index) => index % Number(step) === 0).join(',')
    })
    .join(',')
}

function toNumber(text: string, most: number): number | null {
  if (/^\d+$/.test(text)) return Number(text)
  const place = most === 6 ? weekdays.indexOf(text) : months.indexOf(text) + 1
  return place === -1 || (most === 12 && place === 0) ? null : place
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
