import type { Attempt, Effect, History, Run, ScheduleEvent } from './history.ts'

/** When the histories begin. */
export const start = Date.UTC(2026, 2, 1, 12)
/** When they are over, however long. */
export const end = start + 3_600_000

export interface Stretch {
  /** How many seconds from the start on. */
  readonly seconds: number
  /** Which of them are spent in a pause; from = to: none. */
  readonly pausedFrom: number
  readonly pausedTo: number
}

/** A history that is as it should be, for the schedule `id`: each second, with a pause, and deleted in the end. */
export function soundHistory({ seconds, pausedFrom, pausedTo }: Stretch, id = 'a'): History {
  const instants = Array.from({ length: seconds }, (_, second) => second)
  const paused = instants.filter((second) => second >= pausedFrom && second < pausedTo)
  const missed = rangeOf(id, paused)
  // In each ten seconds a worker is lost, a run is skipped, and one is started by hand.
  const executed = instants
    .filter((second) => !paused.includes(second))
    .flatMap((second) => {
      if (second % 10 === 7 && second > 0 && !paused.includes(second - 1)) return skipped(id, second)
      return second % 10 === 6
        ? recovered(id, second)
        : [...succeeded(id, second), ...(second % 10 === 3 ? manual(id, second) : [])]
    })
  const parts = [...(missed === null ? [] : [missed]), ...executed]
  return {
    creations: [{ scheduleId: id, at: at(0, -0.5) }],
    events: eventsOf(id, { seconds, pausedFrom, pausedTo }),
    runs: parts.map(({ run }) => run).sort((one, other) => one.scheduledFor - other.scheduledFor),
    attempts: parts.flatMap(({ attempts }) => attempts),
    lapses: [],
    effects: parts.flatMap(({ effects }) => effects).sort((one, other) => one.at - other.at),
  }
}

/** Histories of several schedules as one. */
export function together(histories: readonly History[]): History {
  return {
    creations: histories.flatMap(({ creations }) => creations),
    events: histories.flatMap(({ events }) => events),
    runs: histories.flatMap(({ runs }) => runs).sort((one, other) => one.scheduledFor - other.scheduledFor),
    attempts: histories.flatMap(({ attempts }) => attempts),
    lapses: histories.flatMap(({ lapses }) => lapses),
    effects: histories.flatMap(({ effects }) => effects).sort((one, other) => one.at - other.at),
  }
}

interface Part {
  readonly run: Run
  readonly attempts: readonly Attempt[]
  readonly effects: readonly Effect[]
}

const at = (second: number, milliseconds = 0) => start + second * 1_000 + milliseconds

function eventsOf(id: string, { seconds, pausedFrom, pausedTo }: Stretch): ScheduleEvent[] {
  const event = (type: string, occurredAt: number, changes: ScheduleEvent['changes']) => ({
    scheduleId: id,
    scheduleName: `schedule ${id}`,
    type,
    changes,
    occurredAt,
  })
  const created = event('created', at(0, -0.375), {
    cron_expression: { to: '* * * * * *' },
    timezone: { to: 'UTC' },
    enabled: { to: true },
    overlap_policy: { to: 'skip' },
    catch_up: { to: 'latest' },
  })
  const pause = [
    event('paused', at(pausedFrom, -0.25), { enabled: { from: true, to: false } }),
    event('resumed', at(pausedTo, -0.25), { enabled: { from: false, to: true } }),
  ]
  return [created, ...(pausedFrom < pausedTo ? pause : []), event('deleted', at(seconds, -0.125), {})]
}

function runAt(id: string, second: number, columns: Partial<Run>): Run {
  return {
    id: `${id}${second}`,
    scheduleId: id,
    scheduleName: `schedule ${id}`,
    scheduledFor: at(second),
    origin: 'schedule',
    status: 'succeeded',
    reason: null,
    missedSince: null,
    missedCount: null,
    attempt: 0,
    queuedAt: null,
    startedAt: null,
    finishedAt: null,
    hasError: false,
    ...columns,
  }
}

function rangeOf(id: string, seconds: readonly number[]): Part | null {
  const [first, last] = [seconds[0], seconds.at(-1)]
  if (first === undefined || last === undefined) return null
  const missed = { status: 'missed', reason: 'paused', missedSince: at(first), missedCount: seconds.length }
  return { run: runAt(id, last, missed), attempts: [], effects: [] }
}

function succeeded(id: string, second: number): Part[] {
  const run = runAt(id, second, {
    attempt: 1,
    queuedAt: at(second, 1),
    startedAt: at(second, 2),
    finishedAt: at(second, 9),
  })
  return [{ run, ...attemptOf(run, 1, 'succeeded', [3, 8, 9]) }]
}

function manual(id: string, second: number): Part[] {
  const times = { queuedAt: at(second, 500), startedAt: at(second, 501), finishedAt: at(second, 509) }
  const run = {
    ...runAt(id, second, times),
    id: `${id}${second}m`,
    scheduledFor: at(second, 500.001),
    origin: 'manual',
    attempt: 1,
  }
  return [{ run, ...attemptOf(run, 1, 'succeeded', [2, 8, 9]) }]
}

function skipped(id: string, second: number): Part[] {
  return [{ run: runAt(id, second, { status: 'skipped', reason: 'overlap' }), attempts: [], effects: [] }]
}

/** The worker of its first attempt was frozen, given up for lost, and finished all the same. */
function recovered(id: string, second: number): Part[] {
  const times = { queuedAt: at(second, 1), startedAt: at(second, 2), finishedAt: at(second, 1_509) }
  const run = runAt(id, second, { attempt: 2, ...times })
  const first = attemptOf(run, 1, 'worker_lost', [3, 2_400, 1_400])
  const again = attemptOf(run, 2, 'succeeded', [1_403, 1_508, 1_509])
  return [
    {
      run,
      attempts: [...first.attempts, ...again.attempts],
      effects: [...first.effects, ...again.effects],
    },
  ]
}

/** An attempt that began, was done and was closed so many milliseconds after the instant. */
function attemptOf(
  run: Run,
  attempt: number,
  status: string,
  [begun, done, closed]: readonly [number, number, number],
) {
  const { id: runId, scheduleId, scheduledFor } = run
  const effect = { runId, scheduleId, scheduledFor, attempt }
  return {
    attempts: [{ runId, attempt, status, finishedAt: scheduledFor + closed }],
    effects: [
      { ...effect, phase: 'begun' as const, at: scheduledFor + begun },
      { ...effect, phase: 'done' as const, at: scheduledFor + done },
    ],
  }
}
