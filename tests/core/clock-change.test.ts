import t from 'tap'
import { clockChange, clockChanges } from '../../src/core/clock-change.ts'
import { offsetsOf } from '../../src/core/time-zone.ts'
import { nextInstant, type Timetable } from '../../src/core/timetable.ts'
import { TimetableError } from '../../src/core/timetable-error.ts'
import { nothing } from '../support/timetable.ts'

const at = (text: string) => Date.parse(text)
const dayMs = 86_400_000

/** The instants of a timetable from one to another, each with what a clock change did to it. */
function between(timetable: Timetable, from: string, until: string): string[] {
  const found: string[] = []
  let instant = nextInstant(timetable, at(from))
  while (instant !== null && instant < at(until)) {
    const change = clockChange(timetable, instant)
    found.push(`${new Date(instant).toISOString().slice(5, 16)}Z${change === null ? '' : ` ${change}`}`)
    instant = nextInstant(timetable, instant)
  }
  return found
}

// Zone, expression, from, until, the instants with their changes.
const table: [string, string, string, string, string[]][] = [
  // New York, 2025-03-09: 02:00 becomes 03:00 at 07:00Z.
  ['America/New_York', '30 2 * * *', '2025-03-08T12:00Z', '2025-03-11', ['03-09T07:00Z moved', '03-10T06:30Z']],
  ['America/New_York', '0 0 2 * * *', '2025-03-08T12:00Z', '2025-03-10', ['03-09T07:00Z moved']],
  ['America/New_York', '0 3 * * *', '2025-03-08T12:00Z', '2025-03-10', ['03-09T07:00Z']],
  ['America/New_York', '30 1-3 * * *', '2025-03-09T05:00Z', '2025-03-10', ['03-09T06:30Z', '03-09T07:30Z']],
  ['America/New_York', '0,30 2,3 * * *', '2025-03-09T05:00Z', '2025-03-10', ['03-09T07:00Z', '03-09T07:30Z']],
  [
    'America/New_York',
    '*/30 * * * *',
    '2025-03-09T06:00Z',
    '2025-03-09T07:31Z',
    ['03-09T06:30Z', '03-09T07:00Z', '03-09T07:30Z'],
  ],
  // New York, 2025-11-02: 02:00 becomes 01:00 at 06:00Z.
  ['America/New_York', '30 1 * * *', '2025-11-02T04:00Z', '2025-11-04', ['11-02T05:30Z merged', '11-03T06:30Z']],
  ['America/New_York', '0 2 * * *', '2025-11-02T04:00Z', '2025-11-03', ['11-02T07:00Z']],
  [
    'America/New_York',
    '0 * * * *',
    '2025-11-02T03:30Z',
    '2025-11-02T07:01Z',
    ['11-02T04:00Z', '11-02T05:00Z doubled', '11-02T06:00Z doubled', '11-02T07:00Z'],
  ],
  [
    'America/New_York',
    '15,45 1 * * *',
    '2025-11-02T04:00Z',
    '2025-11-03',
    ['11-02T05:15Z doubled', '11-02T05:45Z doubled', '11-02T06:15Z doubled', '11-02T06:45Z doubled'],
  ],
  // Lord Howe changes by 30 minutes: 02:00 becomes 02:30 on 2025-10-05, 02:00 becomes 01:30 on 2025-04-06.
  ['Australia/Lord_Howe', '15 2 * * *', '2025-10-04T00:00Z', '2025-10-06', ['10-04T15:30Z moved', '10-05T15:15Z']],
  ['Australia/Lord_Howe', '45 1 * * *', '2025-04-05T00:00Z', '2025-04-07', ['04-05T14:45Z merged', '04-06T15:15Z']],
  ['Australia/Lord_Howe', '15 1 * * *', '2025-04-05T00:00Z', '2025-04-06', ['04-05T14:15Z']],
  // Troll changes by 2 hours: 01:00 becomes 03:00 on 2025-03-30, 03:00 becomes 01:00 on 2025-10-26, both at 01:00Z.
  ['Antarctica/Troll', '30 1 * * *', '2025-03-29T12:00Z', '2025-03-31', ['03-30T01:00Z moved', '03-30T23:30Z']],
  ['Antarctica/Troll', '30 2 * * *', '2025-10-25T12:00Z', '2025-10-28', ['10-26T00:30Z merged', '10-27T02:30Z']],
  [
    'Antarctica/Troll',
    '0 1,2 * * *',
    '2025-10-25T12:00Z',
    '2025-10-27',
    ['10-25T23:00Z doubled', '10-26T00:00Z doubled', '10-26T01:00Z doubled', '10-26T02:00Z doubled'],
  ],
  // Midnight: Cairo skips 00:00 to 01:00 on 2025-04-25 and repeats 23:00 to 24:00 on 2025-10-30.
  ['Africa/Cairo', '0 0 * * *', '2025-04-24T12:00Z', '2025-04-26', ['04-24T22:00Z moved', '04-25T21:00Z']],
  [
    'Africa/Cairo',
    '0 */2 * * *',
    '2025-04-24T19:00Z',
    '2025-04-25T02:00Z',
    ['04-24T20:00Z', '04-24T23:00Z', '04-25T01:00Z'],
  ],
  ['Africa/Cairo', '30 23 * * *', '2025-10-30T12:00Z', '2025-11-01', ['10-30T20:30Z merged', '10-31T21:30Z']],
  ['America/Sao_Paulo', '0 0 * * *', '2018-11-03T12:00Z', '2018-11-06', ['11-04T03:00Z moved', '11-05T02:00Z']],
  ['America/Sao_Paulo', '59 23 * * *', '2018-02-17T12:00Z', '2018-02-19T02:00Z', ['02-18T01:59Z merged']],
  // Nuuk's gap ends at midnight: 23:00 on 2025-03-29 becomes 00:00 on the 30th.
  ['America/Nuuk', '30 23 * * *', '2025-03-29T12:00Z', '2025-04-01', ['03-30T01:00Z moved', '03-31T00:30Z']],
  ['America/Nuuk', '0 0 * * *', '2025-03-29T12:00Z', '2025-03-31', ['03-30T01:00Z']],
  // Apia had no 2011-12-30: nothing of that day is made up for, and the 31st is a day like any other.
  ['Pacific/Apia', '0 12 * * *', '2011-12-29T00:00Z', '2012-01-01', ['12-29T22:00Z', '12-30T22:00Z', '12-31T22:00Z']],
  ['Pacific/Apia', '0 0 * * *', '2011-12-29T00:00Z', '2011-12-31', ['12-29T10:00Z', '12-30T10:00Z']],
  ['Asia/Tokyo', '30 2 * * *', '2025-03-08T12:00Z', '2025-03-10', ['03-08T17:30Z', '03-09T17:30Z']],
  ['UTC', '30 1 * * *', '2025-11-02', '2025-11-03', ['11-02T01:30Z']],
]

t.test('what a clock change did to each instant: cases worked out by hand', async (t) => {
  for (const [timezone, cronExpression, from, until, expected] of table) {
    t.same(between({ ...nothing, timezone, cronExpression }, from, until), expected, `${cronExpression} in ${timezone}`)
  }
  const changes = table.flatMap(([, , , , instants]) => instants.map((instant) => instant.split(' ')[1] ?? null))
  t.same(new Set(changes), new Set([null, ...clockChanges]), 'every kind is among them')
})

t.test('against what the clocks show: a fixed time of day, around every change of a year', async (t) => {
  for (const timezone of [
    'America/New_York',
    'Australia/Lord_Howe',
    'Antarctica/Troll',
    'Europe/London',
    'Asia/Beirut',
    'Africa/Casablanca',
  ]) {
    const daysOfYear = Array.from({ length: 365 }, (_, day) => at('2025-01-01') + day * dayMs)
    const changed = daysOfYear.filter((day) => offsetsOf(timezone)(day) !== offsetsOf(timezone)(day + dayMs))
    t.equal(changed.length, 2)
    const wrong: string[] = []
    for (let minuteOfDay = 0; minuteOfDay < 24 * 60; minuteOfDay += 15) {
      const cronExpression = `${minuteOfDay % 60} ${Math.floor(minuteOfDay / 60)} * * *`
      const timetable = { ...nothing, timezone, cronExpression }
      const shows = (instant: number) => ((instant + offsetsOf(timezone)(instant)) / 60_000) % (24 * 60)
      const instants = changed.flatMap((day) =>
        [-dayMs, 0, dayMs].map((more) => nextInstant(timetable, day + more) ?? 0),
      )
      for (const instant of instants) {
        const comesAgain = [30, 60, 120].some((minutes) => shows(instant + minutes * 60_000) === minuteOfDay)
        const expected = shows(instant) !== minuteOfDay ? 'moved' : comesAgain ? 'merged' : null
        if (clockChange(timetable, instant) !== expected) wrong.push(`${cronExpression} at ${instant}: ${expected}`)
      }
    }
    t.same(wrong, [], timezone)
  }
})

t.test('bounds do not count', async (t) => {
  const endsBetween = {
    ...nothing,
    timezone: 'America/New_York',
    cronExpression: '30 * * * *',
    endsAt: at('2025-11-02T06:00Z'),
  }
  t.equal(clockChange(endsBetween, at('2025-11-02T05:30Z')), 'doubled')
})

t.test('only cron expressions read local time', async (t) => {
  const inNewYork = { ...nothing, timezone: 'America/New_York' }
  t.equal(clockChange({ ...inNewYork, everyMs: 3_600_000 }, at('2025-11-02T06:00Z')), null)
  t.equal(clockChange({ ...inNewYork, runAt: at('2025-03-09T07:00Z') }, at('2025-03-09T07:00Z')), null)
})

t.test('an unknown zone is a TimetableError', async (t) => {
  t.throws(() => clockChange({ ...nothing, timezone: 'FOO+3', cronExpression: '* * * * *' }, 0), TimetableError)
})
