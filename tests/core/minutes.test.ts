import fc from 'fast-check'
import t from 'tap'
import { type MinuteCount, minuteOf, minutesOf } from '../../src/core/minutes.ts'
import { nextInstant, type Timetable } from '../../src/core/timetable.ts'
import { nothing } from '../support/timetable.ts'

const at = (text: string) => Date.parse(text)
const hourMs = 3_600_000

/** The same, one instant after the other. */
function walked(timetable: Timetable, from: number, until: number): MinuteCount[] {
  const counts = new Map<number, number>()
  let instant = nextInstant(timetable, from - 1)
  while (instant !== null && instant < until) {
    counts.set(minuteOf(instant), (counts.get(minuteOf(instant)) ?? 0) + 1)
    instant = nextInstant(timetable, instant)
  }
  return [...counts].map(([minute, count]) => ({ minute, count }))
}

function counted(timetable: Timetable, from: number, until: number): MinuteCount[] {
  const first = nextInstant(timetable, from - 1)
  return first === null ? [] : [...minutesOf(timetable, first, until)]
}

const expressions = [
  '* * * * *',
  '*/7 * * * *',
  '30 2 * * *',
  '30 1 * * *',
  '15,45 1-3 * * *',
  '0 0 * * *',
  '0 0 13 * 5',
  '0 12 L * *',
  '30 9 * * 1#1',
  '*/20 */30 * * * *',
  '59 59 23 * * *',
  '10-12 5 2 * * *',
  '0 0 0 1 1 * 2026',
]
// A quiet day, and changes of 60, 30 and 120 minutes, at midnight, and of a whole day.
const places: [string, string][] = [
  ['Asia/Tokyo', '2026-06-10'],
  ['America/New_York', '2025-03-09'],
  ['America/New_York', '2025-11-02'],
  ['Australia/Lord_Howe', '2025-10-05'],
  ['Antarctica/Troll', '2025-10-26'],
  ['Africa/Cairo', '2025-04-25'],
  ['America/Sao_Paulo', '2018-02-18'],
  ['Pacific/Apia', '2011-12-30'],
  ['Africa/Monrovia', '1972-01-07'],
]

t.test('counts by minute what nextInstant names one by one, also around clock changes', async (t) => {
  for (const [timezone, day] of places) {
    for (const cronExpression of expressions) {
      const timetable = { ...nothing, timezone, cronExpression }
      const from = at(day) - 30 * hourMs + 1
      const until = from + 60 * hourMs
      t.same(counted(timetable, from, until), walked(timetable, from, until), `${cronExpression} in ${timezone}`)
    }
  }
})

t.test('minutes that are cut, and bounds', async (t) => {
  const from = at('2026-06-10T12:00:00Z')
  const offset = fc.integer({ min: 0, max: 600_000 })
  const timetables = fc.oneof(
    fc
      .constantFrom('* * * * * *', '*/7 * * * * *', '* * * * *', '20-40 */2 * * * *')
      .map((cronExpression) => ({ cronExpression })),
    fc.integer({ min: 1_000, max: 400_000 }).map((everyMs) => ({ everyMs, anchor: from - 1_000_003 })),
    offset.map((later) => ({ runAt: from + later })),
  )
  fc.assert(
    fc.property(timetables, offset, offset, fc.option(offset), (kind, start, length, ends) => {
      const timetable = { ...nothing, ...kind, endsAt: ends === null ? null : from + ends }
      const window = [from + start, from + start + length] as const
      t.same(counted(timetable, ...window), walked(timetable, ...window))
    }),
    { numRuns: 60 },
  )
})
