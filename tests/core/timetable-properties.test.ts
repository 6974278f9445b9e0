import fc from 'fast-check'
import t, { type Test } from 'tap'
import { nextInstant, type Timetable } from '../../src/core/timetable.ts'
import { nothing } from '../support/timetable.ts'
import { type ClockChange, clockChanges } from './clock-changes.ts'
import { expressions } from './expressions.ts'
import { type CronFields, firings } from './oracle.ts'

const hour = 3_600_000
const day = 24 * hour

/** The same samples every time. */
function holds<Values>(t: Test, property: fc.IProperty<Values>, numRuns: number): void {
  t.doesNotThrow(() => fc.assert(property, { seed: 20_250_330, numRuns }))
}

const shown = (instants: readonly number[]) => instants.map((instant) => new Date(instant).toISOString())

/** What `nextInstant` names after one instant and up to another. */
function named(timetable: Timetable, after: number, until: number): number[] {
  const instants: number[] = []
  for (let last: number | null = after; ; ) {
    last = nextInstant(timetable, last)
    if (last === null || last > until) return instants
    instants.push(last)
  }
}

/** Changes by half an hour, by two and three, by a day, at midnight and across it, and none at all. */
const oddZones = [
  'Africa/Cairo',
  'Africa/Casablanca',
  'America/Caracas',
  'America/New_York',
  'America/Nuuk',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Antarctica/Casey',
  'Antarctica/Troll',
  'Asia/Beirut',
  'Asia/Gaza',
  'Asia/Kolkata',
  'Asia/Pyongyang',
  'Asia/Tokyo',
  'Australia/Lord_Howe',
  'Europe/Dublin',
  'Europe/London',
  'Pacific/Apia',
  'Pacific/Chatham',
]
const zones = fc.oneof(fc.constantFrom(...oddZones), fc.constantFrom(...Intl.supportedValuesOf('timeZone')))

const anyInstant = fc.integer({ min: Date.UTC(2005, 0, 2), max: Date.UTC(2037, 11, 1) })
const distance = fc.oneof(
  fc.integer({ min: -2 * hour, max: 2 * hour }),
  fc.integer({ min: 0, max: 2 * day }),
  fc.constantFrom(0, 1),
)

interface Question {
  readonly timezone: string
  readonly after: number
  readonly change: ClockChange | undefined
  readonly text: string
  readonly fields: CronFields
}

/** A zone, an expression and an instant to ask from: mostly shortly before a clock change, if the zone has any. */
const questions: fc.Arbitrary<Question> = fc
  .record({ timezone: zones, anyInstant, which: fc.nat(), distance, expression: expressions })
  .map(({ timezone, anyInstant, which, distance, expression }) => {
    const changes = clockChanges(timezone)
    const change = which % 10 === 0 ? undefined : changes[which % changes.length]
    const after = change ? change.at - distance : anyInstant
    const moments = change ? [change.wallBefore, change.wall] : [after]
    const { text, fields } = expression(moments.map((moment) => new Date(moment)))
    return { timezone, after, change, text, fields }
  })

/** Holds what `nextInstant` names from a question's instant on against the oracle; answers up to when. */
function agree({ timezone, after, text, fields }: Question, until: number): { instants: number[]; end: number } {
  const expected: number[] = []
  for (const instant of firings(fields, timezone, after, until)) {
    if (expected.push(instant) === mostCompared) break
  }
  const end = expected.length === mostCompared ? (expected.at(-1) as number) : until
  const found = named({ ...nothing, cronExpression: text, timezone }, after, end)
  const context = `${text} in ${timezone} from ${shown([after])}`
  if (found.join() !== expected.join()) throw new Error(`${context}: ${shown(found)} instead of ${shown(expected)}`)
  return { instants: expected, end }
}

const mostCompared = 12

t.test('around clock changes it fires when the oracle says', async (t) => {
  const count = { changes: 0, fixedAtChange: 0, repeated: 0 }
  holds(
    t,
    fc.property(questions, (question) => {
      const { after, change, fields } = question
      const { instants, end } = agree(question, Math.max(after, change?.at ?? after) + 30 * hour)
      if (!change || change.at <= after || change.at > end) return
      count.changes += 1
      if (!fields.followsClock && instants.includes(change.at)) count.fixedAtChange += 1
      const back = change.wallBefore - change.wall
      if (back > 0 && instants.some((at) => at >= change.at && at < change.at + back)) count.repeated += 1
    }),
    3_000,
  )
  t.comment(JSON.stringify(count))
  t.ok(count.changes > 1_000, `${count.changes} of them crossed a clock change`)
  t.ok(count.fixedAtChange > 50, `${count.fixedAtChange} skipped times fired at the end of their gap`)
  t.ok(count.repeated > 50, `${count.repeated} fired in a second pass`)
})

t.test('over a year it names the dates that the oracle does', async (t) => {
  let instants = 0
  holds(
    t,
    fc.property(questions, (question) => {
      instants += agree(question, question.after + 400 * day).instants.length
    }),
    400,
  )
  t.ok(instants > 1_000, `${instants} instants`)
})

t.test('asked from anywhere between two instants, it answers the later one', async (t) => {
  holds(
    t,
    fc.property(questions, fc.array(fc.nat(9_999)), ({ timezone, after, text }, tenThousandths) => {
      const timetable = { ...nothing, cronExpression: text, timezone }
      const first = nextInstant(timetable, after)
      const second = first === null ? null : nextInstant(timetable, first)
      if (first === null || second === null) return
      const between = tenThousandths.map((part) => first + Math.floor(((second - first) * part) / 10_000))
      for (const instant of [...between, second - 1]) {
        const next = nextInstant(timetable, instant)
        if (next !== second) throw new Error(`from ${shown([instant])}: ${next} instead of ${shown([second])}`)
      }
    }),
    500,
  )
})

t.test('starts_at and ends_at cut an expression off, inclusively, and change nothing else', async (t) => {
  const bounds = fc.record({ start: fc.nat(20), end: fc.nat(20), shift: fc.constantFrom(-1, 0, 1) })
  holds(
    t,
    fc.property(questions, bounds, ({ timezone, after, text }, { start, end, shift }) => {
      const timetable = { ...nothing, cronExpression: text, timezone }
      const instants: number[] = []
      for (let next = nextInstant(timetable, after); next !== null && instants.length < 20; ) {
        instants.push(next)
        next = nextInstant(timetable, next)
      }
      const startsAt = (instants[start] ?? after) + shift
      const endsAt = (instants[end] ?? after) + shift
      const found = named({ ...timetable, startsAt, endsAt }, after, instants.at(-1) ?? after)
      const expected = instants.filter((instant) => instant >= startsAt && instant <= endsAt)
      if (found.join() !== expected.join()) throw new Error(`${shown(found)} instead of ${shown(expected)}`)
    }),
    500,
  )
})

t.test('every: the first multiple after an instant, from the anchor on', async (t) => {
  const instant = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) })
  holds(
    t,
    fc.property(instant, instant, fc.integer({ min: 1_000, max: 400 * day }), (anchor, after, everyMs) => {
      const next = nextInstant({ ...nothing, everyMs, anchor }, after) as number
      const isMultiple = (next - anchor) % everyMs === 0
      const isFirst = next === anchor || next - everyMs <= after
      if (!(isMultiple && isFirst && next > after && next >= anchor)) throw new Error(`${next}`)
    }),
    2_000,
  )
})
