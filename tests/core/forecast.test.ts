import t from 'tap'
import { Forecast, type ForecastMinute } from '../../src/core/forecast.ts'
import type { ForecastSchedule } from '../../src/core/forecast-group.ts'
import type { Timetable } from '../../src/core/timetable.ts'
import { nothing } from '../support/timetable.ts'

const at = (text: string) => Date.parse(`2026-06-10T${text}Z`)
const now = at('12:00:00')

function schedule(name: string, timetable: Partial<Timetable>, more: Partial<ForecastSchedule> = {}): ForecastSchedule {
  return { name, timetable: { ...nothing, ...timetable }, nextRunAt: now, runsLeft: null, ...more }
}

function forecast(from: string, until: string, schedules: ForecastSchedule[]): Forecast {
  const forecast = new Forecast({ from: at(from), until: at(until), now })
  for (const one of schedules) forecast.add(one)
  return forecast
}

/** Minutes as `12:05 3: a×2 b +4`. */
function shown(minutes: Iterable<ForecastMinute | null>): string[] {
  return [...minutes]
    .filter((minute) => minute !== null)
    .map(({ minute, runs, schedules, more }) => {
      const names = schedules.map(({ name, runs }) => (runs === 1 ? name : `${name}×${runs}`))
      return `${new Date(minute).toISOString().slice(11, 16)} ${runs}: ${[...names, ...(more ? [`+${more}`] : [])].join(' ')}`
    })
}

t.test('what fires by minute, over all schedules; quiet minutes are left out', async (t) => {
  const found = forecast('12:00:00', '12:30:00', [
    schedule('b', { cronExpression: '*/15 * * * *' }),
    schedule('a', { cronExpression: '*/15 * * * *' }),
    schedule('every', { everyMs: 600_000, anchor: at('12:02:03') }, { nextRunAt: at('12:02:03') }),
    schedule('once', { runAt: at('12:15:59.999') }, { nextRunAt: at('12:15:59.999') }),
    schedule('busy', { cronExpression: '*/20 15 * * * *' }),
    schedule('tomorrow', { cronExpression: '0 11 * * *' }),
  ])
  t.same(shown(found.minutes()), [
    '12:00 2: a b',
    '12:02 1: every',
    '12:12 1: every',
    '12:15 6: busy×3 a b once',
    '12:22 1: every',
  ])
  t.match(found, { runs: 11, schedules: 5, completeUntil: at('12:30:00') })
})

t.test('from is inclusive, until is exclusive', async (t) => {
  const minutely = schedule('a', { cronExpression: '*/30 * * * * *' })
  t.same(shown(forecast('12:00:30', '12:02:30', [minutely]).minutes()), ['12:00 1: a', '12:01 2: a×2', '12:02 1: a'])
  t.same(shown(forecast('12:00:31', '12:02:31', [minutely]).minutes()), ['12:01 2: a×2', '12:02 2: a×2'])
})

t.test('nothing before next_run_at, and only as many runs as are left', async (t) => {
  const hourly = { cronExpression: '0 * * * *' }
  const later = schedule('later', hourly, { nextRunAt: at('14:00:00') })
  const limited = schedule('limited', hourly, { runsLeft: 3 })
  const used = schedule('used', { cronExpression: '*/20 * * * * *' }, { runsLeft: 725 })
  t.same(shown(forecast('12:00:00', '16:00:00', [later, limited]).minutes()), [
    '12:00 1: limited',
    '13:00 1: limited',
    '14:00 2: later limited',
    '15:00 1: later',
  ])
  t.same(shown(forecast('14:00:00', '16:00:00', [limited]).minutes()), ['14:00 1: limited'], 'used up before')
  t.same(shown(forecast('16:00:30', '17:00:00', [used]).minutes()), ['16:00 1: used', '16:01 2: used×2'])
  const overdue = schedule('overdue', hourly, { nextRunAt: at('09:00:00'), runsLeft: 1 })
  t.same(shown(forecast('12:30:00', '15:00:00', [overdue]).minutes()), [], 'at 12:00 it was its turn')
})

t.test('with many schedules some are named, the busiest first, and the rest is counted', async (t) => {
  const many = Array.from({ length: 30 }, (_, index) =>
    schedule(`s${String(29 - index).padStart(2, '0')}`, { cronExpression: '0 * * * *' }),
  )
  const busy = schedule('z', { cronExpression: '0,30 0 * * * *' })
  const [first] = shown(forecast('12:00:00', '12:01:00', [...many, busy]).minutes())
  t.match(first, /^12:00 32: z×2 s00 s01 .* s18 \+11$/)
})

t.test('schedules with different anchors fire where each of them does', async (t) => {
  const schedules = Array.from({ length: 100 }, (_, index) => {
    const anchor = at('12:00:00') + index * 1_234
    return schedule(
      `e${index}`,
      { everyMs: [30_000, 60_000, 120_000, 45_000][index % 4] as number, anchor },
      { nextRunAt: anchor },
    )
  })
  for (const until of ['12:10:00', '12:10:11']) {
    const apart = schedules.map((one) => shown(forecast('12:00:00', until, [one]).minutes()))
    const expected = apart.flat().map((line) => Number(line.split(' ')[1]?.replace(':', '')))
    const together = forecast('12:00:00', until, schedules)
    t.ok([...together.minutes()].length >= 10)
    t.equal(
      together.runs,
      expected.reduce((sum, runs) => sum + runs),
    )
    t.equal(together.schedules, 100)
  }
})

t.test('one that croner refuses fires nothing, the others do', async (t) => {
  const wrong = [
    schedule('wrong', { cronExpression: '99 * * * *' }, { nextRunAt: 0 }),
    schedule('wrong zone', { cronExpression: '* * * * *', timezone: 'FOO+3' }),
  ]
  const right = schedule('right', { cronExpression: '0 * * * *' })
  t.same(shown(forecast('12:00:00', '13:00:00', [...wrong, right]).minutes()), ['12:00 1: right'])
})

t.test('it takes turns, and can be left at any minute', async (t) => {
  const schedules = Array.from({ length: 250 }, (_, index) =>
    schedule(`s${index}`, { cronExpression: '* * * * *', endsAt: at('20:00:00') + index }),
  )
  const found = forecast('12:00:00', '13:00:00', schedules)
  let turns = 0
  const minutes: number[] = []
  for (const minute of found.minutes()) {
    if (minute === null) turns += 1
    else minutes.push(minute.minute)
    if (minutes.length === 3) break
  }
  t.ok(turns >= 6, `${turns} turns`)
  t.match(found, { runs: 750, schedules: 250, completeUntil: at('12:03:00') })
})
