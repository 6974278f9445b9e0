/**
 * When an expression fires, found without a cron library: each real minute is turned into local time by Intl and held
 * against the fields. All it assumes of clock changes is that they come on whole minutes, and not twice within a day.
 */

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

export type DayOfMonth =
  | { readonly kind: 'days'; readonly days: ReadonlySet<number> }
  | { readonly kind: 'last' }
  | { readonly kind: 'lastWeekday' }
  | { readonly kind: 'nearestWeekday'; readonly day: number }

export interface DayOfWeek {
  /** 0 to 6, from Sunday on. */
  readonly days: ReadonlySet<number>
  readonly nth: number | 'last' | 'every'
}

/** What an expression says. Days and years that are null are not restricted. */
export interface CronFields {
  readonly seconds: ReadonlySet<number>
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly daysOfMonth: readonly DayOfMonth[] | null
  readonly months: ReadonlySet<number>
  readonly daysOfWeek: readonly DayOfWeek[] | null
  /** Both days must match, instead of either. */
  readonly bothDays: boolean
  readonly years: ReadonlySet<number> | null
  readonly followsClock: boolean
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(timeZone, made)
  return made
}

/** What the clock on the wall shows at an instant, as the instant at which it would show that in UTC. */
export function wallTime(timeZone: string, instant: number): number {
  const shown: Record<string, number> = {}
  for (const { type, value } of formatOf(timeZone).formatToParts(instant)) shown[type] = Number(value)
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = shown
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

/** The instants after `after` and up to `until` at which it fires, in order. */
export function* firings(fields: CronFields, timeZone: string, after: number, until: number): Generator<number> {
  // From a day earlier on, to know which local times have been shown before.
  let instant = Math.floor(after / hour) * hour - day
  let wall = wallTime(timeZone, instant)
  let shownUpTo = wall - minute
  while (instant <= until) {
    const quiet = matchesDate(fields, wall) ? undefined : [day, hour].find((length) => isQuiet(length))
    if (quiet !== undefined) {
      instant += quiet
      wall += quiet
      shownUpTo = Math.max(shownUpTo, wall - minute)
      continue
    }
    const end = wallTime(timeZone, instant + hour)
    for (let index = 0; index < 60; index += 1) {
      const shown = end - wall === hour ? wall + index * minute : wallTime(timeZone, instant + index * minute)
      for (const fired of firingsInMinute(fields, instant + index * minute, shown, shownUpTo)) {
        if (fired > after && fired <= until) yield fired
      }
      shownUpTo = Math.max(shownUpTo, shown)
    }
    instant += hour
    wall = end
  }

  /** Whether the clock is not changed and no date matches from the instant on, given that it doesn't there. */
  function isQuiet(length: number): boolean {
    return !matchesDate(fields, wall + length) && wallTime(timeZone, instant + length) === wall + length
  }
}

function firingsInMinute(fields: CronFields, instant: number, wall: number, shownUpTo: number): number[] {
  const named = matchesMinute(fields, wall) ? [...fields.seconds].map((at) => instant + at * second) : []
  if (fields.followsClock) return named.sort((a, b) => a - b)
  const isRepeated = wall <= shownUpTo
  if (isRepeated) return []
  const skipped = wall - shownUpTo - minute
  // A day that is skipped as a whole, as Apia did on 2011-12-30, has no run.
  const isMoved = skipped < day && minutesAfter(shownUpTo, skipped).some((wall) => matchesMinute(fields, wall))
  return isMoved && !named.includes(instant) ? [instant, ...named] : named
}

function minutesAfter(wall: number, length: number): number[] {
  return Array.from({ length: length / minute }, (_, index) => wall + (index + 1) * minute)
}

function matchesMinute(fields: CronFields, wall: number): boolean {
  const minuteOfDay = (wall % day) / minute
  if (!fields.minutes.has(minuteOfDay % 60) || !fields.hours.has(Math.floor(minuteOfDay / 60))) return false
  return matchesDate(fields, wall)
}

function matchesDate(fields: CronFields, wall: number): boolean {
  const { years, months, daysOfMonth, daysOfWeek, bothDays } = fields
  const at = new Date(wall)
  if (!months.has(at.getUTCMonth() + 1) || (years !== null && !years.has(at.getUTCFullYear()))) return false
  const ofMonth = daysOfMonth?.some((wanted) => isDayOfMonth(wanted, at))
  const ofWeek = daysOfWeek?.some((wanted) => isDayOfWeek(wanted, at))
  if (ofMonth !== undefined && ofWeek !== undefined) return bothDays ? ofMonth && ofWeek : ofMonth || ofWeek
  return ofMonth ?? ofWeek ?? true
}

function isDayOfMonth(wanted: DayOfMonth, at: Date): boolean {
  switch (wanted.kind) {
    case 'days':
      return wanted.days.has(at.getUTCDate())
    case 'last':
      return at.getUTCDate() === lastDay(at)
    case 'lastWeekday':
      return at.getUTCDate() === weekdays(at).at(-1)
    case 'nearestWeekday':
      return wanted.day <= lastDay(at) && at.getUTCDate() === nearest(weekdays(at), wanted.day)
  }
}

function isDayOfWeek({ days, nth }: DayOfWeek, at: Date): boolean {
  if (!days.has(at.getUTCDay())) return false
  if (nth === 'every') return true
  return nth === 'last' ? at.getUTCDate() + 7 > lastDay(at) : Math.ceil(at.getUTCDate() / 7) === nth
}

function lastDay(at: Date): number {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate()
}

/** The days of its month that are neither Saturday nor Sunday. */
function weekdays(at: Date): number[] {
  const days = Array.from({ length: lastDay(at) }, (_, index) => index + 1)
  return days.filter((date) => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), date)).getUTCDay() % 6 !== 0)
}

/** A Saturday is nearest to its Friday, a Sunday to its Monday, as far as the month has them. */
function nearest(days: readonly number[], wanted: number): number | undefined {
  return [0, -1, 1, -2, 2].map((distance) => wanted + distance).find((date) => days.includes(date))
}
