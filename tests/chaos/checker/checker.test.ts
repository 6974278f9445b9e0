import fc from 'fast-check'
import t from 'tap'
import { check, type Verdict } from './check.ts'
import type { Fault } from './findings.ts'
import type { Attempt, Effect, History, Run } from './history.ts'
import { end, soundHistory, start, together } from './sound-history.ts'

/** 25 seconds: a pause from 10 to 14, workers lost at 6 and 16, skipped at 7 and 17, started by hand at 3 and 23. */
const sound = soundHistory({ seconds: 25, pausedFrom: 10, pausedTo: 15 })
const instant = (second: number) => start + second * 1_000

function countsOf({ lost, duplicate, early, unexplained }: Verdict) {
  return { lost: lost.length, duplicate: duplicate.length, early: early.length, unexplained: unexplained.length }
}
const none = { lost: 0, duplicate: 0, early: 0, unexplained: 0 }

const run = (id: string) => sound.runs.find((run) => run.id === id) as Run

function changeRun(id: string, columns: Partial<Run>): History {
  return { ...sound, runs: sound.runs.map((run) => (run.id === id ? { ...run, ...columns } : run)) }
}

function changeAttempt(id: string, number: number, columns: Partial<Attempt>): History {
  const isMeant = ({ runId, attempt }: Attempt) => runId === id && attempt === number
  return {
    ...sound,
    attempts: sound.attempts.map((attempt) => (isMeant(attempt) ? { ...attempt, ...columns } : attempt)),
  }
}

const withRun = (run: Run): History => ({ ...sound, runs: [...sound.runs, run] })
const withoutManual = (history: History): History => ({
  ...history,
  runs: history.runs.filter(({ origin }) => origin !== 'manual'),
  effects: history.effects.filter(({ runId }) => !runId.endsWith('m')),
})
const withEffect = (effect: Effect): History => ({ ...sound, effects: [...sound.effects, effect] })
const effect = (id: string, phase: string, attempt = 1) =>
  sound.effects.find((it) => it.runId === id && it.phase === phase && it.attempt === attempt) as Effect
const changeEffect = (old: Effect, columns: Partial<Effect>): History => ({
  ...sound,
  effects: sound.effects.map((effect) => (effect === old ? { ...effect, ...columns } : effect)),
})

t.test('a sound history has no findings', async (t) => {
  const verdict = check(sound, end)
  t.same(verdict, { due: 25, rows: 23, lost: [], duplicate: [], early: [], unexplained: [] })
})

t.test('a finding names schedule and instant', async (t) => {
  const { lost } = check({ ...sound, runs: sound.runs.filter(({ id }) => id !== 'a4') }, end)
  t.same(lost, [{ schedule: 'schedule a', at: instant(4), why: 'it was due, and no row accounts for it' }])
})

t.test('what a pause swallows is owed when it is over, or when the timetable is another one', async (t) => {
  const runs = sound.runs.filter(({ scheduledFor }) => scheduledFor < instant(10))
  const isOfThem = ({ runId }: { runId: string }) => runs.some(({ id }) => id === runId)
  const duringPause = (changes: Record<string, { from: unknown; to: unknown }>): History => ({
    ...sound,
    events: [
      ...sound.events.filter(({ type }) => type === 'created' || type === 'paused'),
      { scheduleId: 'a', scheduleName: 'schedule a', type: 'updated', changes, occurredAt: instant(12) - 0.25 },
    ],
    runs,
    attempts: sound.attempts.filter(isOfThem),
    effects: sound.effects.filter(isOfThem),
  })
  const edited = (changes: Parameters<typeof duringPause>[0]) => countsOf(check(duringPause(changes), end))
  t.same(edited({ description: { from: null, to: 'paused' } }), none)
  t.same(edited({ timezone: { from: 'UTC', to: 'UTC' } }), { ...none, lost: 2 })
})

const doctored: [fault: Fault, what: string, history: History][] = [
  ['lost', 'a row is gone', { ...sound, runs: sound.runs.filter(({ id }) => id !== 'a4') }],
  ['lost', 'a row of one that was skipped is gone', { ...sound, runs: sound.runs.filter(({ id }) => id !== 'a7') }],
  ['lost', 'a range begins too late', changeRun('a14', { missedSince: instant(11), missedCount: 4 })],
  [
    'lost',
    'a run succeeded, and its work was never done',
    { ...sound, effects: sound.effects.filter((it) => it !== effect('a4', 'done')) },
  ],
  [
    'lost',
    'the last attempt succeeded, and only a lost one has done the work',
    { ...sound, effects: sound.effects.filter((it) => it !== effect('a6', 'done', 2)) },
  ],
  ['duplicate', 'an instant has two rows', withRun({ ...run('a4'), id: 'other' })],
  [
    'duplicate',
    'an instant has a row of its own in a range',
    withRun({
      ...run('a7'),
      id: 'other',
      scheduledFor: instant(12),
      status: 'missed',
      reason: 'paused',
      missedSince: instant(12),
      missedCount: 1,
    }),
  ],
  [
    'duplicate',
    'a range covers an instant that has run',
    changeRun('a14', { missedSince: instant(9), missedCount: 6 }),
  ],
  ['duplicate', 'two ranges', withRun({ ...run('a14'), id: 'other', scheduledFor: instant(13), missedCount: 4 })],
  ['duplicate', 'a range counts too many', changeRun('a14', { missedCount: 6 })],
  ['duplicate', 'a range counts too few', changeRun('a14', { missedCount: 4 })],
  ['duplicate', 'an attempt began twice', withEffect({ ...effect('a4', 'begun'), at: instant(4) + 4 })],
  ['duplicate', 'an attempt was done twice', withEffect({ ...effect('a4', 'done'), at: instant(4) + 9 })],
  ['duplicate', 'a second attempt although the first had succeeded', changeAttempt('a6', 1, { status: 'succeeded' })],
  [
    'duplicate',
    'a second attempt while the first was open',
    changeAttempt('a6', 1, { finishedAt: instant(6) + 1_404 }),
  ],
  ['early', 'queued before its instant', changeRun('a4', { queuedAt: instant(4) - 0.001 })],
  ['early', 'started before its instant', changeRun('a4', { startedAt: instant(4) - 1 })],
  ['early', 'its task ran before its instant', changeEffect(effect('a4', 'begun'), { at: instant(4) - 1 })],
  ['early', 'started by hand, and ran before that', changeEffect(effect('a3m', 'begun'), { at: instant(3) + 499 })],
  ['unexplained', 'a row beside the timetable', withRun({ ...run('a7'), id: 'other', scheduledFor: instant(7) + 500 })],
  ['unexplained', 'a row before the schedule', withRun({ ...run('a7'), id: 'other', scheduledFor: instant(-2) })],
  ['unexplained', 'a row after the schedule', withRun({ ...run('a7'), id: 'other', scheduledFor: instant(25) })],
  [
    'unexplained',
    'a range where nothing was due',
    withRun({ ...run('a14'), id: 'other', missedSince: instant(26), scheduledFor: instant(29) }),
  ],
  ['unexplained', 'a row of nobody', withRun({ ...run('a7'), id: 'other', scheduleId: 'other' })],
  ['unexplained', 'skipped without a reason', changeRun('a7', { reason: null })],
  ['unexplained', 'missed without a reason', changeRun('a14', { reason: null })],
  ['unexplained', 'a reason that the schedule has not', changeRun('a7', { reason: 'replaced' })],
  ['unexplained', 'a reason of another status', changeRun('a7', { reason: 'paused' })],
  [
    'unexplained',
    'skipped although nothing was active',
    withoutManual(changeRun('a6', { finishedAt: instant(7) - 1 })),
  ],
  ['unexplained', 'a range that ends at no instant', changeRun('a14', { scheduledFor: instant(14) + 1 })],
  ['unexplained', 'not over', changeRun('a4', { status: 'retrying' })],
  ['unexplained', 'an attempt is open', changeAttempt('a4', 1, { status: 'running', finishedAt: null })],
  ['unexplained', 'the last attempt did not succeed', changeAttempt('a4', 1, { status: 'failed' })],
  ['unexplained', 'failed without an error', changeRun('a4', { status: 'failed' })],
  [
    'unexplained',
    'work without a row',
    withEffect({ ...effect('a4', 'done'), runId: 'other', scheduledFor: instant(4) }),
  ],
  [
    'unexplained',
    'work of a run that was skipped',
    withEffect({ ...effect('a4', 'done'), runId: 'a7', scheduledFor: instant(7), at: instant(7) + 4 }),
  ],
  [
    'unexplained',
    'an instant of the pause has run',
    {
      ...changeRun('a14', { scheduledFor: instant(13), missedCount: 4 }),
      runs: [
        ...changeRun('a14', { scheduledFor: instant(13), missedCount: 4 }).runs,
        { ...run('a7'), id: 'other', scheduledFor: instant(14) },
      ],
    },
  ],
  [
    'unexplained',
    'two at the same time',
    {
      ...changeEffect(effect('a4', 'done'), { at: instant(5) + 5 }),
      runs: changeRun('a4', { finishedAt: instant(5) + 6 }).runs,
      attempts: changeAttempt('a4', 1, { finishedAt: instant(5) + 6 }).attempts,
    },
  ],
  [
    'unexplained',
    'a stretch that nobody has counted',
    {
      ...sound,
      runs: sound.runs.filter(({ id }) => id !== 'a14'),
      lapses: [
        { scheduleId: 'a', scheduleName: 'schedule a', since: instant(10), until: instant(15), reason: 'paused' },
      ],
    },
  ],
]

for (const [fault, what, history] of doctored) {
  t.test(`finds ${fault}: ${what}`, async (t) => {
    const verdict = check(history, end)
    t.same(countsOf(verdict), { ...none, [fault]: 1 }, JSON.stringify(verdict))
  })
}

t.test('a schedule is finished after as many firings as it may have', async (t) => {
  const limited = (most: number): History => ({
    ...sound,
    events: sound.events.map((event) =>
      event.type === 'created' ? { ...event, changes: { ...event.changes, max_runs: { to: most } } } : event,
    ),
    runs: sound.runs.filter(({ scheduledFor }) => scheduledFor < instant(7)),
    effects: sound.effects.filter(({ scheduledFor }) => scheduledFor < instant(7)),
  })
  t.same(countsOf(check(limited(7), end)), none)
  t.same(countsOf(check(limited(8), end)).lost, 18)
  t.same(countsOf(check(limited(6), end)), { ...none, unexplained: 1 })
})

t.test('a time that had passed when it was asked for is due at once, within its bounds', async (t) => {
  const once = (changes: History['events'][number]['changes']): History => {
    const columns = { timezone: { to: 'UTC' }, enabled: { to: true }, ...changes }
    const created = { scheduleId: 'a', scheduleName: 'once', type: 'created', changes: columns, occurredAt: start }
    return { ...together([]), creations: [{ scheduleId: 'a', at: start }], events: [created] }
  }
  const runAt = { to: '2026-03-01T11:59:00.0005+00:00' }
  const { lost } = check(once({ run_at: runAt }), end)
  t.same(
    lost.map(({ at }) => at),
    [instant(-60) + 1],
  )
  t.equal(check(once({ run_at: runAt, ends_at: { to: '2026-03-01T11:58:00+00:00' } }), end).due, 0)
})

const stretches = fc
  .record({ seconds: fc.integer({ min: 1, max: 60 }), one: fc.nat(60), other: fc.nat(60) })
  .map(({ seconds, one, other }) => ({
    seconds,
    pausedFrom: Math.min(one, other, seconds),
    pausedTo: Math.min(Math.max(one, other), seconds),
  }))
const histories = fc
  .array(stretches, { minLength: 1, maxLength: 4 })
  .map((stretches) => together(stretches.map((stretch, index) => soundHistory(stretch, 'abcd'[index]))))

function holds<Values extends [unknown, ...unknown[]]>(
  t: Pick<typeof import('tap').t, 'doesNotThrow'>,
  property: fc.IProperty<Values>,
): void {
  t.doesNotThrow(() => fc.assert(property, { seed: 20_260_301, numRuns: 300 }))
}

const isSound = (history: History) => Object.values(countsOf(check(history, end))).every((count) => count === 0)

t.test('no history that is sound has findings', async (t) => {
  holds(
    t,
    fc.property(histories, (history) => isSound(history)),
  )
})

t.test('no row of the timetable can go, come twice or move without being found', async (t) => {
  const tamper: ((run: Run) => Run[])[] = [
    () => [],
    (run) => [run, { ...run, id: 'other' }],
    (run) => [{ ...run, scheduledFor: run.scheduledFor + 1 }],
    (run) => [{ ...run, scheduledFor: run.scheduledFor - 1_000 }],
    (run) => [{ ...run, scheduledFor: run.scheduledFor + 1_000 }],
  ]
  holds(
    t,
    fc.property(histories, fc.nat(), fc.constantFrom(...tamper), (history, pick, tampered) => {
      const rows = history.runs.filter(({ origin }) => origin !== 'manual')
      const row = rows[pick % rows.length]
      return !isSound({ ...history, runs: history.runs.flatMap((run) => (run === row ? tampered(run) : [run])) })
    }),
  )
})

t.test('judges 60,000 rows in a few seconds', async (t) => {
  const stretch = { seconds: 1_200, pausedFrom: 300, pausedTo: 320 }
  const ids = Array.from({ length: 50 }, (_, index) => `s${index}-`)
  const history = together(ids.map((id) => soundHistory(stretch, id)))
  const before = performance.now()
  t.equal(check(history, end).due, 60_000)
  t.ok(isSound(history))
  t.ok(performance.now() - before < 10_000)
})
