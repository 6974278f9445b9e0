import t from 'tap'
import { type Decision, type DueSchedule, decide, firedCount, missedAfterMs } from '../../src/core/decide.ts'
import { nothing } from '../support/timetable.ts'

const minute = 60_000
const now = Date.parse('2026-03-01T12:00:00Z')

function everyMinute(overrides: Partial<DueSchedule> = {}): DueSchedule {
  return {
    id: 'cc0f6a86-0a3c-4b5e-9a6c-0d4d3f7c1c11',
    timetable: { ...nothing, cronExpression: '* * * * *' },
    nextRunAt: now,
    maxRuns: null,
    runCount: 0,
    jitterMs: 0,
    overlapPolicy: 'skip',
    catchUp: 'latest',
    catchUpWindowMs: null,
    hasActiveRun: false,
    ...overrides,
  }
}

const summary = ({ runs }: Decision) =>
  runs.map(({ scheduledFor, origin, status, reason, missedCount }) =>
    [(scheduledFor - now) / minute, origin, status, reason, missedCount].filter((part) => part !== null).join(' '),
  )

t.test('one instant that is due is queued, and the next one is found', async (t) => {
  const decision = decide(everyMinute(), now + 5)
  t.same(summary(decision), ['0 schedule queued'])
  t.equal(decision.nextRunAt, now + minute)
})

t.test('after downtime', async (t) => {
  const tenMinutesMissed = { nextRunAt: now - 10 * minute }
  t.test('latest runs the most recent instant; the others are one row that covers and counts them', async (t) => {
    const decision = decide(everyMinute({ timetable: hourly() }), now + 30 * minute)
    t.same(summary(decision), ['0 catch_up queued'], 'a single missed instant is the latest')
    const many = decide(everyMinute({ nextRunAt: now - 10 * minute }), now + 30_000)
    t.same(summary(many), ['-1 schedule missed catch_up_latest 10', '0 schedule queued'])
    t.equal(many.runs[0]?.missedSince, now - 10 * minute)
  })
  t.test('an instant up to a minute late is on time, whatever catch_up says', async (t) => {
    t.same(summary(decide(everyMinute({ catchUp: 'none' }), now + missedAfterMs - 1)), ['0 schedule queued'])
  })
  t.test('none runs nothing of it', async (t) => {
    const decision = decide(everyMinute({ ...tenMinutesMissed, catchUp: 'none' }), now + 30_000)
    t.same(summary(decision), ['-1 schedule missed catch_up_none 10', '0 schedule queued'])
  })
  t.test('all runs each', async (t) => {
    const decision = decide(everyMinute({ ...tenMinutesMissed, catchUp: 'all', overlapPolicy: 'allow' }), now + 30_000)
    t.equal(firedCount(decision), 11)
    t.equal(decision.runs.filter(({ origin }) => origin === 'catch_up').length, 10)
  })
  t.test('the window bounds what is caught up', async (t) => {
    const window = { ...tenMinutesMissed, catchUpWindowMs: 5 * minute + 30_000 }
    const all = decide(everyMinute({ ...window, catchUp: 'all', overlapPolicy: 'allow' }), now + 30_000)
    t.match(summary(all)[0], '-6 schedule missed outside_window 5')
    t.equal(firedCount(all), 6)
    const stale = everyMinute({ timetable: hourly(), nextRunAt: now - 120 * minute, catchUpWindowMs: 1_000 })
    t.same(summary(decide(stale, now - 30 * minute)), ['-60 schedule missed outside_window 2'])
  })
})

t.test('more missed instants than one pass decides', async (t) => {
  const long = (overrides: Partial<DueSchedule>) => everyMinute({ nextRunAt: now - 50_000 * minute, ...overrides })
  const lapseOf = ({ lapse, nextRunAt, runs }: Decision) => {
    t.same(runs, [])
    const inMinutes = (instant: number | null | undefined) => instant && (instant - now) / minute
    return lapse && [inMinutes(lapse.since), inMinutes(lapse.last), lapse.reason, inMinutes(nextRunAt)]
  }
  t.test('are a lapse, and the schedule is up to date at once', async (t) => {
    t.same(lapseOf(decide(long({}), now + 30_000)), [-50_000, -1, 'catch_up_latest', 0])
    t.same(lapseOf(decide(long({ catchUp: 'none' }), now + 30_000)), [-50_000, -1, 'catch_up_none', 0])
    const window = { catchUp: 'all', catchUpWindowMs: 5 * minute } as const
    t.same(lapseOf(decide(long(window), now)), [-50_000, -6, 'outside_window', -5])
  })
  t.test('the latest of them is run', async (t) => {
    const everySecond = { ...everyMinute().timetable, cronExpression: '* 0-11 * * *' }
    const schedule = long({ timetable: everySecond, nextRunAt: now - 3 * 1440 * minute })
    const decision = decide(schedule, now + 90 * minute)
    t.same(lapseOf(decision), [-3 * 1440, -2, 'catch_up_latest', -1])
    const after = decide({ ...schedule, nextRunAt: decision.nextRunAt as number }, now + 90 * minute)
    t.same(summary(after), ['-1 catch_up queued'])
    t.equal(after.nextRunAt, now + 720 * minute)
  })
  t.test('unless it is outside the window', async (t) => {
    const twoDays = { ...everyMinute().timetable, endsAt: now - minute }
    const decision = decide(long({ timetable: twoDays, catchUpWindowMs: 1_000 }), now + 30 * minute)
    t.same(lapseOf(decision), [-50_000, -1, 'outside_window', null])
  })
  t.test('all of them are run, in passes', async (t) => {
    let schedule = long({ catchUp: 'all', overlapPolicy: 'allow', nextRunAt: now - 2_500 * minute })
    let fired = 0
    for (let pass = 0; pass < 3; pass += 1) {
      const decision = decide(schedule, now)
      fired += firedCount(decision)
      schedule = { ...schedule, nextRunAt: decision.nextRunAt as number }
    }
    t.equal(schedule.nextRunAt, now + minute)
    t.equal(fired, 2_501)
  })
})

t.test('overlap', async (t) => {
  const active = { hasActiveRun: true }
  t.same(summary(decide(everyMinute(active), now)), ['0 schedule skipped overlap'])
  t.same(summary(decide(everyMinute({ ...active, overlapPolicy: 'queue' }), now)), ['0 schedule waiting'])
  t.same(summary(decide(everyMinute({ ...active, overlapPolicy: 'allow' }), now)), ['0 schedule queued'])
  const two = { nextRunAt: now - minute, catchUp: 'all' } as const
  t.same(
    summary(decide(everyMinute({ ...two, overlapPolicy: 'queue' }), now)),
    ['-1 schedule queued', '0 schedule waiting'],
    'of several at once the first runs and the others wait',
  )
})

t.test('what all catches up waits its turn where overlapping runs are skipped', async (t) => {
  const skip = { catchUp: 'all', overlapPolicy: 'skip', nextRunAt: now - 3 * minute } as const
  t.same(summary(decide(everyMinute(skip), now)), [
    '-3 catch_up queued',
    '-2 catch_up waiting',
    '-1 schedule skipped overlap',
    '0 schedule skipped overlap',
  ])
})

t.test(
  'replace: the last of several takes the place of the ones before it, and waits for the active run to end',
  async (t) => {
    const replace = { overlapPolicy: 'replace', catchUp: 'all', nextRunAt: now - 2 * minute } as const
    const decision = decide(everyMinute({ ...replace, hasActiveRun: true }), now)
    t.same(summary(decision), ['-2 catch_up skipped replaced', '-1 schedule skipped replaced', '0 schedule waiting'])
  },
)

t.test('what a clock change did is decided with the instant', async (t) => {
  const at = Date.parse('2025-03-09T07:00:00Z')
  const timetable = { ...everyMinute().timetable, cronExpression: '30 2 * * *', timezone: 'America/New_York' }
  t.equal(decide(everyMinute({ timetable, nextRunAt: at }), at).runs[0]?.clockChange, 'moved')
})

t.test('max_runs ends the schedule', async (t) => {
  const decision = decide(everyMinute({ maxRuns: 3, runCount: 2 }), now)
  t.same(summary(decision), ['0 schedule queued'])
  t.equal(decision.nextRunAt, null)
  t.equal(
    decide(everyMinute({ maxRuns: 3, runCount: 2, hasActiveRun: true }), now).nextRunAt,
    now + minute,
    'what is skipped does not count',
  )
})

t.test('ends_at ends it too', async (t) => {
  const schedule = everyMinute()
  t.equal(decide({ ...schedule, timetable: { ...schedule.timetable, endsAt: now } }, now).nextRunAt, null)
})

t.test('jitter is the same every time, stays before the next instant, and spreads', async (t) => {
  const delays = Array.from({ length: 200 }, (_, index) => {
    const schedule = everyMinute({ jitterMs: 10 * minute, nextRunAt: now + index * minute })
    const [first] = decide(schedule, schedule.nextRunAt).runs
    const [second] = decide(schedule, schedule.nextRunAt + 50).runs
    t.equal(first?.jitterMs, second?.jitterMs)
    return first?.jitterMs as number
  })
  t.ok(delays.every((delay) => delay >= 0 && delay < minute))
  t.ok(new Set(delays).size > 150)
  const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length
  t.ok(mean > 20_000 && mean < 40_000, `the mean is ${mean}`)
})

function hourly(): DueSchedule['timetable'] {
  return { ...everyMinute().timetable, cronExpression: '0 * * * *' }
}
