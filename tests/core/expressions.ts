import fc from 'fast-check'
import type { CronFields, DayOfMonth, DayOfWeek } from './oracle.ts'

/** An expression twice: as the text that is tested, and as the fields that the text stands for. */
export interface Expression {
  readonly text: string
  readonly fields: CronFields
}

/** Makes something of the local times at hand, those around a clock change; otherwise few expressions would meet one. */
type For<Made> = (moments: readonly Date[]) => Made

interface Field {
  readonly text: string
  readonly values: ReadonlySet<number>
  /** It has a `*`, a `?` or a step. */
  readonly isWild: boolean
}

interface Unit {
  readonly lowest: number
  readonly highest: number
  /** Where `*` with a step starts. */
  readonly origin: number
  readonly of: (at: Date) => number
  /** From the lowest value on. */
  readonly names?: readonly string[]
}

const second: Unit = { lowest: 0, highest: 59, origin: 0, of: () => 0 }
const minute: Unit = { lowest: 0, highest: 59, origin: 0, of: (at) => at.getUTCMinutes() }
const hour: Unit = { lowest: 0, highest: 23, origin: 0, of: (at) => at.getUTCHours() }
const dayOfMonth: Unit = { lowest: 1, highest: 31, origin: 1, of: (at) => at.getUTCDate() }
const month: Unit = {
  lowest: 1,
  highest: 12,
  origin: 1,
  of: (at) => at.getUTCMonth() + 1,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
}
const dayOfWeek: Unit = {
  lowest: 0,
  highest: 6,
  origin: 0,
  of: (at) => at.getUTCDay(),
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
}
const year: Unit = { lowest: 2005, highest: 2040, origin: 0, of: (at) => at.getUTCFullYear() }

function sequence(first: number, last: number, step = 1): Set<number> {
  return new Set(Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step))
}

/** One element of a list. */
function item({ lowest, highest, origin, of, names }: Unit): fc.Arbitrary<For<Field>> {
  const value = fc.tuple(fc.integer({ min: lowest, max: highest }), fc.nat(4))
  const spellings = ['plain', 'padded', ...(names ? (['upper', 'lower'] as const) : [])] as const
  return fc
    .record({
      kind: fc.constantFrom('value', 'value', 'range', 'range/step', '*/step', 'value/step'),
      values: fc.tuple(value, value),
      step: fc.oneof(fc.integer({ min: 1, max: highest - lowest + 1 }), fc.constantFrom(1, 2, 5)),
      star: fc.constantFrom('*', '?', ''),
      spelling: fc.constantFrom(...spellings),
    })
    .map(({ kind, values, step, star, spelling }) => (moments) => {
      const chosen = values.map(([any, which]) => (moments[which] ? of(moments[which]) : any))
      const [first, last] = [Math.min(...chosen), Math.max(...chosen)]
      const spell = (value: number) => {
        const name = names?.[value - lowest] ?? ''
        return { plain: String(value), padded: `0${value}`, upper: name, lower: name.toLowerCase() }[spelling]
      }
      // SUN-SUN would be the whole week.
      const range = first === last ? `${first}-${last}` : `${spell(first)}-${spell(last)}`
      if (kind === 'value') return { text: spell(first), values: new Set([first]), isWild: false }
      if (kind === 'range') return { text: range, values: sequence(first, last), isWild: false }
      const [text, steps] = {
        'range/step': [range, sequence(first, last, step)] as const,
        '*/step': [star, sequence(origin, highest, step)] as const,
        'value/step': [spell(first), sequence(first, highest, step)] as const,
      }[kind]
      return { text: `${text}/${step}`, values: steps, isWild: true }
    })
}

function list<Item>(item: fc.Arbitrary<For<Item>>): fc.Arbitrary<For<Item[]>> {
  const items = fc.oneof({ weight: 3, arbitrary: fc.tuple(item) }, fc.array(item, { minLength: 2, maxLength: 3 }))
  return items.map((made) => (moments) => made.map((make) => make(moments)))
}

const joined = (items: readonly { readonly text: string }[]) => items.map(({ text }) => text).join(',')

const any = fc.constantFrom('*', '?')

function field(unit: Unit): fc.Arbitrary<For<Field>> {
  const all = any.map((text) => (): Field => ({ text, values: sequence(unit.lowest, unit.highest), isWild: true }))
  const some = list(item(unit)).map((make) => (moments: readonly Date[]): Field => {
    const items = make(moments)
    const values = new Set(items.flatMap(({ values }) => [...values]))
    return { text: joined(items), values, isWild: items.some(({ isWild }) => isWild) }
  })
  return fc.oneof(all, { weight: 4, arbitrary: some })
}

interface Days<Day> {
  readonly text: string
  readonly days: readonly Day[] | null
}

const anyDay = any.map((text) => () => ({ text, days: null }))

function daysOfMonth(): fc.Arbitrary<For<Days<DayOfMonth>>> {
  type Item = For<{ text: string; day: DayOfMonth }>
  const plain = item(dayOfMonth).map(
    (make): Item =>
      (moments) => {
        const { text, values } = make(moments)
        return { text, day: { kind: 'days', days: values } }
      },
  )
  const nearestWeekday = fc.tuple(fc.constantFrom(1, 15, 30, 31), fc.nat(4)).map(
    ([any, which]): Item =>
      (moments) => {
        const day = moments[which]?.getUTCDate() ?? any
        return { text: `${day}W`, day: { kind: 'nearestWeekday', day } }
      },
  )
  const last = fc.constantFrom('L', 'l').map(
    (text): Item =>
      () => ({ text, day: { kind: 'last' } }),
  )
  const some = list(fc.oneof({ weight: 3, arbitrary: plain }, nearestWeekday, last))
  return fc.oneof(
    {
      weight: 8,
      arbitrary: some.map(
        (make): For<Days<DayOfMonth>> =>
          (moments) =>
            listed(make(moments)),
      ),
    },
    fc.constant(() => ({ text: 'LW', days: [{ kind: 'lastWeekday' }] }) as const),
  )
}

function listed<Day>(items: readonly { readonly text: string; readonly day: Day }[]): Days<Day> {
  return { text: joined(items), days: items.map(({ day }) => day) }
}

/** Sunday has a second number, the one that ends a range. */
const sundays = [
  { text: '7', values: [0] },
  { text: '5-7', values: [5, 6, 0] },
  { text: 'FRI-SUN', values: [5, 6, 0] },
  { text: '1-7/3', values: [1, 4, 0] },
].map(({ text, values }) => () => ({ text, values: new Set(values) }))

function daysOfWeek(): fc.Arbitrary<For<Days<DayOfWeek>>> {
  const ordinal = fc.oneof(
    { weight: 3, arbitrary: fc.constant({ suffix: '', nth: 'every' } as const) },
    fc.constantFrom('L', 'l').map((suffix) => ({ suffix, nth: 'last' }) as const),
    fc.integer({ min: 1, max: 5 }).map((nth) => ({ suffix: `#${nth}`, nth })),
  )
  const plain = fc.oneof({ weight: 5, arbitrary: item(dayOfWeek) }, fc.constantFrom(...sundays))
  const one = fc.tuple(plain, ordinal).map(([make, { suffix, nth }]) => (moments: readonly Date[]) => {
    const { text, values } = make(moments)
    return { text: text + suffix, day: { days: values, nth } }
  })
  return list(one).map((make) => (moments) => listed(make(moments)))
}

type TimeOfDay = readonly [second: Field, minute: Field, hour: Field]

/** Within two hours of a moment. */
const fixedTime = fc
  .tuple(fc.nat(), fc.integer({ min: -7_200, max: 7_200 }), fc.constantFrom(1, 60, 900))
  .map(([which, seconds, precision]) => (moments: readonly Date[]): TimeOfDay => {
    const moment = moments[which % moments.length] as Date
    const at = new Date(moment.getTime() + Math.trunc(seconds / precision) * precision * 1_000)
    return [only(at.getUTCSeconds()), only(at.getUTCMinutes()), only(at.getUTCHours())]
  })

const only = (value: number): Field => ({ text: String(value), values: new Set([value]), isWild: false })

const anyTime = fc.tuple(field(second), field(minute), field(hour)).map(
  ([second, minute, hour]) =>
    (at: readonly Date[]): TimeOfDay => [second(at), minute(at), hour(at)],
)

const everyMonth: Field = { text: '*', values: sequence(1, 12), isWild: true }
const never = fc.constant(false)

const everyDay = fc.record({ ofMonth: anyDay, month: fc.constant(() => everyMonth), ofWeek: anyDay, bothDays: never })
const someDays = fc.record({
  ofMonth: fc.oneof(anyDay, daysOfMonth()),
  month: fc.oneof(
    fc.constant(() => everyMonth),
    field(month),
  ),
  ofWeek: fc.oneof(anyDay, daysOfWeek()),
  bothDays: fc.boolean(),
})

/** Expressions of 5, 6 and 7 fields that often name what is close to the moments. */
export const expressions: fc.Arbitrary<For<Expression>> = fc
  .record({
    count: fc.constantFrom(5, 6, 7),
    time: fc.oneof(anyTime, fixedTime),
    date: fc.oneof(everyDay, someDays),
    year: field(year),
    blank: fc.constantFrom(' ', '  ', '\t'),
  })
  .map(({ count, time, date, year, blank }) => (moments) => {
    const [givenSecond, minute, hour] = time(moments)
    const second = count === 5 ? only(0) : givenSecond
    const [ofMonth, month, ofWeek] = [date.ofMonth(moments), date.month(moments), date.ofWeek(moments)]
    const bothDays = date.bothDays && ofWeek.days !== null
    const years = count === 7 ? year(moments) : null
    const five = [minute.text, hour.text, ofMonth.text, month.text, (bothDays ? '+' : '') + ofWeek.text]
    const texts = [...(count > 5 ? [second.text] : []), ...five, ...(years ? [years.text] : [])]
    return {
      text: texts.join(blank),
      fields: {
        seconds: second.values,
        minutes: minute.values,
        hours: hour.values,
        daysOfMonth: ofMonth.days,
        months: month.values,
        daysOfWeek: ofWeek.days,
        bothDays,
        years: years?.values ?? null,
        followsClock: [second, minute, hour].some(({ isWild, values }) => isWild || values.size > 1),
      },
    }
  })
