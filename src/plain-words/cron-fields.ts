import { CronPattern } from 'croner'

/** croner keeps a bit for each of a month's five weeks and one for the last. */
export const everyWeek = 0b111111
export const lastInMonth = 0b100000

/** What croner has understood, which decides; values as people count them. */
export interface CronFields {
  readonly seconds: readonly number[]
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  /** Days of the month. */
  readonly days: readonly number[]
  readonly hasLastDay: boolean
  readonly hasLastWeekday: boolean
  /** Days of which the nearest weekday is meant. */
  readonly nearestWeekdays: readonly number[]
  readonly months: readonly number[]
  /** Days of the week, Monday first as 1, Sunday last as 7, with bits for the weeks of the month in which they count. */
  readonly weekdays: readonly { readonly day: number; readonly weeks: number }[]
  /** Null for all. */
  readonly years: readonly number[] | null
  /** The day of the month or the day of the week is enough. */
  readonly isEither: boolean
}

/** @throws for an expression that croner does not accept */
export function readCron(expression: string): CronFields {
  const pattern = new CronPattern(expression, undefined, { sloppyRanges: true })
  return {
    seconds: valuesOf(pattern.second),
    minutes: valuesOf(pattern.minute),
    hours: valuesOf(pattern.hour),
    days: valuesOf(pattern.day, 1),
    hasLastDay: pattern.lastDayOfMonth,
    hasLastWeekday: pattern.lastWeekday,
    nearestWeekdays: valuesOf(pattern.nearestWeekdays, 1),
    months: valuesOf(pattern.month, 1),
    weekdays: [1, 2, 3, 4, 5, 6, 7]
      .map((day) => ({ day, weeks: pattern.dayOfWeek[day % 7] ?? 0 }))
      .filter(({ weeks }) => weeks > 0),
    years: pattern.starYear ? null : valuesOf(pattern.year),
    isEither: !pattern.starDOM && !pattern.starDOW && !pattern.useAndLogic,
  }
}

/** Values without a gap between them, as first and last. */
export function runsOf(values: readonly number[]): [number, number][] {
  const runs: [number, number][] = []
  for (const value of values) {
    const run = runs.at(-1)
    if (run?.[1] === value - 1) run[1] = value
    else runs.push([value, value])
  }
  return runs
}

/** Of values that go round evenly, such as each 15 of 60: the first, and how far it is from one to the next. */
export function evenStep(values: readonly number[], size: number): { first: number; step: number } | undefined {
  const [first = 0, second = 0] = values
  const step = second - first
  const isEven = values.length * step === size && values.every((value, index) => value === first + index * step)
  return isEven && step > 1 ? { first, step } : undefined
}

function valuesOf(field: readonly number[], first = 0): number[] {
  return [...field.keys()].filter((index) => field[index]).map((index) => index + first)
}
