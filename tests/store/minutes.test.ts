import t, { type Test } from 'tap'
import { type Figures, forgetOldMinutes, listFigures, writeMinutes } from '../../src/store/minutes.ts'
import { restoreClock, setSimulatedClock, simulateClock } from '../../src/store/simulated-clock.ts'
import { type System, testSystem } from '../support/system.ts'

const noon = Date.UTC(2026, 2, 2, 12)
const minuteMs = 60_000
const at = (minutes: number) => noon + minutes * minuteMs

interface GivenRun {
  readonly status: string
  /** Minutes after noon. */
  readonly scheduled: number
  readonly queued?: number
  readonly finished?: number
  /** Seconds. */
  readonly late?: number
  readonly origin?: string
  readonly missed?: number
  readonly count?: number
}

async function addRuns(system: System, ...given: GivenRun[]): Promise<void> {
  for (const { status, scheduled, queued, finished, late, origin = 'schedule', missed, count = 1 } of given) {
    const instant = (minutes: number | undefined) =>
      minutes === undefined ? null : new Date(at(minutes)).toISOString()
    await system.pool.query(
      `insert into pgbeat.runs (schedule_id, schedule_name, task_name, payload, scheduled_for, origin, status, max_attempts,
         missed_count, queued_at, started_at, finished_at)
       select gen_random_uuid(), 's', 'echo', '{}', $1, $2, $3, 1, $4, $5, $1::timestamptz + $6 * interval '1 s', $7
       from generate_series(1, $8)`,
      [instant(scheduled), origin, status, missed, instant(queued), late, instant(finished), count],
    )
  }
}

async function simulated(t: Test) {
  const system = await testSystem(t)
  await simulateClock(system.db, noon)
  t.teardown(() => restoreClock(system.db))
  const lines = async (from = 0, until = 120) =>
    (await listFigures(system.db, { from: at(from), until: at(until), stepSeconds: 60 })).map(toLine)
  return { ...system, lines, write: (minutes: number) => writeAt(system, at(minutes)) }
}

async function writeAt({ db }: System, instant: number): Promise<number> {
  await setSimulatedClock(db, instant)
  return writeMinutes(db)
}

function toLine({ minute, fired, succeeded, failed, cancelled, skipped, missed }: Figures): string {
  return `${(Date.parse(minute) - noon) / minuteMs}: ${[fired, succeeded, failed, cancelled, skipped, missed].join(' ')}`
}

t.test('a minute is written once, when it is over', async (t) => {
  const { db, pool, lines, write, ...system } = await simulated(t)
  const given = { db, pool, ...system } as System
  await addRuns(
    given,
    { status: 'succeeded', scheduled: -30, queued: -30, finished: -29, late: 1 },
    { status: 'skipped', scheduled: -300 },
  )
  t.equal(await write(0.1), 1, 'at first the minute before')
  t.same(await lines(-120), ['-1: 0 0 0 0 0 0'])
  await addRuns(
    given,
    { status: 'succeeded', scheduled: 0.1, queued: 0.1, finished: 0.2, late: 1, count: 98 },
    { status: 'failed', scheduled: 0.2, queued: 0.2, finished: 0.9, late: 3 },
    { status: 'cancelled', scheduled: 0.3, queued: 0.3, finished: 0.4 },
    { status: 'succeeded', scheduled: -60, origin: 'backfill', queued: 0.5, finished: 0.6, late: 3_600 },
    { status: 'skipped', scheduled: 0.5, count: 2 },
    { status: 'missed', scheduled: 0.5, missed: 7 },
    { status: 'waiting', scheduled: 0.7 },
    { status: 'running', scheduled: 0.8, queued: 0.8, late: 100 },
    { status: 'queued', scheduled: 1, queued: 1 },
  )
  t.equal(await write(1), 0, 'somebody may be writing still')
  t.equal(await write(1.1), 1)
  t.same(await lines(), ['0: 103 99 1 1 2 7'])
  const [figures] = await listFigures(db, { from: noon, until: at(1), stepSeconds: 60 })
  t.match(figures, { minutes: 1, lateness_p50_seconds: 1, lateness_max_seconds: 3, lateness_runs: 99 })
  t.ok((figures?.lateness_p99_seconds ?? 0) > 1 && (figures?.lateness_p99_seconds ?? 0) < 3)
  await addRuns(given, { status: 'succeeded', scheduled: 1.5, queued: 1.5, finished: 1.6, late: 2 })
  t.equal(await write(1.9), 0)
  t.equal(await write(2.1), 1)
  t.same(await lines(), ['0: 103 99 1 1 2 7', '1: 2 1 0 0 0 0'], 'and no run in two')
  await Promise.all([write(3.1), write(3.1)])
  t.equal((await lines()).length, 3)
})

t.test('a run that was made ready before its minute counts in it', async (t) => {
  const { lines, write, ...system } = await simulated(t)
  await write(0.1)
  await addRuns(
    system as System,
    { status: 'queued', scheduled: 0.2, queued: 0.2 },
    { status: 'queued', scheduled: 1, queued: 1, count: 5 },
    { status: 'queued', scheduled: 0.99, queued: 0.99 },
  )
  await write(1.1)
  await write(2.1)
  t.same(await lines(), ['0: 1 0 0 0 0 0', '1: 6 0 0 0 0 0'], 'what was queued just before it counts with it')
})

t.test('a gap is filled, of the last hour', async (t) => {
  const { db, pool, lines, write, ...system } = await simulated(t)
  const given = { db, pool, ...system } as System
  await write(1.1)
  await addRuns(
    given,
    { status: 'succeeded', scheduled: 1.2, queued: 1.2, finished: 1.3, late: 1 },
    { status: 'succeeded', scheduled: 3.2, queued: 3.2, finished: 4.3, late: 1, count: 2 },
    { status: 'missed', scheduled: 8, missed: 5 },
    { status: 'queued', scheduled: 9.5, queued: 9.5 },
    { status: 'queued', scheduled: 10, queued: 10 },
  )
  t.equal(await write(10.1), 9)
  t.same(await lines(), [
    '0: 0 0 0 0 0 0',
    '1: 1 1 0 0 0 0',
    '2: 0 0 0 0 0 0',
    '3: 2 0 0 0 0 0',
    '4: 0 2 0 0 0 0',
    ...[5, 6, 7, 8].map((minute) => `${minute}: 0 0 0 0 0 0`),
    '9: 1 0 0 0 0 5',
  ])
  await addRuns(given, { status: 'queued', scheduled: 20, queued: 20 }, { status: 'queued', scheduled: 45, queued: 45 })
  t.equal(await write(100.1), 60)
  t.same(
    (await lines(40)).filter((line) => !line.endsWith(': 0 0 0 0 0 0')),
    ['45: 1 0 0 0 0 0'],
  )
  t.equal((await lines(39.5, 120))[0], '40: 0 0 0 0 0 0')
  t.equal((await lines(10, 40)).length, 0, 'what is older is left out')
  t.equal(await write(50), 0, 'a clock that was set back writes nothing anew')
})

t.test('several minutes are merged into one', async (t) => {
  const { db, pool, write, ...system } = await simulated(t)
  const given = { db, pool, ...system } as System
  await write(1.1)
  await addRuns(
    given,
    { status: 'succeeded', scheduled: 1.2, queued: 1.2, finished: 1.3, late: 1, count: 3 },
    { status: 'succeeded', scheduled: 2.2, queued: 2.2, finished: 2.3, late: 5 },
  )
  await write(5.1)
  const merged = await listFigures(db, { from: noon, until: at(120), stepSeconds: 300 })
  t.match(merged, [
    { minutes: 5, fired: 4, succeeded: 4, lateness_p50_seconds: 2, lateness_p99_seconds: 5, lateness_runs: 4 },
  ])
  t.equal(Date.parse(merged[0]?.minute ?? ''), noon)
  await setSimulatedClock(db, at(30 * 24 * 60 + 3.5))
  await forgetOldMinutes(db)
  t.same(
    (await listFigures(db, { from: noon, until: at(120), stepSeconds: 60 })).map(({ minute }) => Date.parse(minute)),
    [at(4)],
  )
})
