import fc from 'fast-check'
import t from 'tap'
import { countLapse, endOfSlice, type Lapse, type MissedRange } from '../../src/core/lapse.ts'
import { nextInstant, type Timetable } from '../../src/core/timetable.ts'
import { nothing } from '../support/timetable.ts'

const day = 86_400_000
const start = Date.UTC(2025, 2, 1)

function timetable(cronExpression: string, timezone = 'UTC'): Timetable {
  return { ...nothing, cronExpression, timezone }
}

/** Counts a lapse to its end; answers its ranges and how many slices it took. */
function count(lapse: Lapse, withRun: readonly number[] = []): { ranges: MissedRange[]; slices: number } {
  const ranges: MissedRange[] = []
  let slices = 0
  for (let rest: Lapse | null = lapse; rest !== null; slices += 1) {
    const [from, end] = [rest.from, endOfSlice(rest)]
    const progress = countLapse(
      rest,
      withRun.filter((moment) => moment >= from && moment < end),
    )
    ranges.push(...progress.ranges)
    rest = progress.rest
  }
  return { ranges, slices }
}

t.test('its instants become one range that counts them', async (t) => {
  const hourly = { timetable: timetable('0 * * * *'), from: start + 1, until: start + day, range: null }
  t.same(count(hourly).ranges, [{ since: start + day / 24, last: start + (23 * day) / 24, count: 23 }])
  t.same(count({ ...hourly, until: start + 60_000 }).ranges, [], 'none when there are no instants')
})

t.test('a year of seconds is counted in a few slices, quickly', async (t) => {
  const lapse = { timetable: timetable('* * * * * *'), from: start, until: start + 365 * day, range: null }
  const startedAt = performance.now()
  t.same(count(lapse), { ranges: [{ since: start, last: start + 365 * day - 1_000, count: 31_536_000 }], slices: 4 })
  const tookMs = performance.now() - startedAt
  t.ok(tookMs < 5_000, `it took ${tookMs.toFixed(0)} ms`)
})

t.test('it is what one gets by counting one by one, whatever has run meanwhile', async (t) => {
  const lapse = fc.record({
    timetable: fc
      .tuple(
        fc.constantFrom('*/7 * * * *', '30 2 * * *', '0 0 1 * *', '*/20 1-3 * * * *', '15 1 * * 0'),
        fc.constantFrom('UTC', 'America/New_York', 'Australia/Lord_Howe'),
      )
      .map(([expression, zone]) => timetable(expression, zone)),
    from: fc.integer({ min: start, max: start + 40 * day }),
    until: fc.integer({ min: start, max: start + 40 * day }),
    range: fc.constant(null),
  })
  const picks = fc.array(fc.nat(1_000), { maxLength: 5 })
  fc.assert(
    fc.property(lapse, picks, (lapse, picks) => {
      const all: number[] = []
      for (let at = nextInstant(lapse.timetable, lapse.from - 1); at !== null && at < lapse.until; ) {
        all.push(at)
        at = nextInstant(lapse.timetable, at)
      }
      const withRun = [...new Set(picks.flatMap((pick) => all[pick % Math.max(1, all.length)] ?? []))].sort(
        (a, b) => a - b,
      )
      const expected = splitAt(all, new Set(withRun))
      t.same(count(lapse, withRun).ranges, expected)
    }),
    { numRuns: 60, seed: 7 },
  )
})

function splitAt(instants: readonly number[], withRun: ReadonlySet<number>): MissedRange[] {
  const ranges: MissedRange[] = []
  let range = null as MissedRange | null
  for (const instant of instants) {
    if (withRun.has(instant)) {
      if (range !== null) ranges.push(range)
      range = null
    } else {
      range = { since: range?.since ?? instant, last: instant, count: (range?.count ?? 0) + 1 }
    }
  }
  return range === null ? ranges : [...ranges, range]
}
