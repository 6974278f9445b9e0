import type pg from 'pg'
import type { Test } from 'tap'
import type { TaskContext, TaskRun } from '../../../src/task.ts'
import type { Clock } from '../../../src/tasks/listed-info/clock.ts'
import { type ListedInfoPayload, listedInfoPayload } from '../../../src/tasks/listed-info/payload.ts'
import { type StandIn, type StandInOptions, startStandIn } from '../../../src/tasks/listed-info/stand-in/server.ts'
import { testDatabase } from '../../support/database.ts'

/** Saturday, 9:00 in Tokyo. */
export const NOW = '2026-11-21T09:00:00+09:00'

/** What the client gives an answer; sleeping so long is taken for waiting for a timeout. */
const TIMEOUT_MS = 30_000

export interface FakeClock extends Clock {
  /** What has been slept, in milliseconds, but for timeouts. */
  readonly slept: number[]
  /** Lets the timeouts that are being waited for pass, and all later ones at once. */
  expire(): void
}

/** A clock that is moved on by sleeping, which takes no time; only timeouts wait, until they are told to pass. */
export function fakeClock(start = NOW): FakeClock {
  let now = Date.parse(start)
  const slept: number[] = []
  const expired = Promise.withResolvers<void>()
  return {
    slept,
    expire: expired.resolve,
    now: () => new Date(now),
    sleep: async (ms, signal) => {
      signal?.throwIfAborted()
      if (ms === TIMEOUT_MS) return await Promise.race([expired.promise, aborted(signal)])
      slept.push(ms)
      now += ms
    },
  }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** A stand-in whose clock stands still at NOW, closed when the test is over. */
export async function standInFor(t: Test, options: StandInOptions = {}): Promise<StandIn> {
  const standIn = await startStandIn({ now: () => new Date(NOW), ...options })
  t.teardown(() => standIn.close())
  return standIn
}

/** A database with the tables of pgbeat and of the plug-in: both are migrated alike. */
export async function pluginDatabase(t: Test): Promise<pg.Pool> {
  return (await testDatabase(t)).pool
}

interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: Record<string, unknown>
}

export interface FakeContext extends TaskContext<ListedInfoPayload> {
  readonly lines: LogLine[]
  readonly reports: { done: number; total: number; message: string | undefined }[]
  /** Its counters. */
  readonly counts: Record<string, number>
}

export interface FakeContextOptions {
  readonly db: pg.Pool
  readonly payload?: Record<string, unknown>
  readonly run?: Partial<TaskRun>
  readonly signal?: AbortSignal
}

/** What a worker would hand to the task, and what the task has told it. */
export function fakeContext({ db, payload = {}, run, signal }: FakeContextOptions): FakeContext {
  const lines: LogLine[] = []
  const reports: FakeContext['reports'] = []
  const counts: FakeContext['counts'] = {}
  const log =
    (level: LogLine['level']) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void lines.push({ level, message, fields })
  return {
    lines,
    reports,
    counts,
    db,
    payload: listedInfoPayload.parse(payload),
    run: {
      id: '1',
      scheduleId: '6f1f7f5e-0000-4000-8000-000000000000',
      scheduleName: 'test',
      scheduledFor: new Date(NOW),
      attempt: 1,
      maxAttempts: 3,
      ...run,
    },
    signal: signal ?? new AbortController().signal,
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    progress: async (done, total, message) => void reports.push({ done, total, message }),
    count(name, by = 1) {
      counts[name] = (counts[name] ?? 0) + by
    },
  }
}

/** The error that a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<Error & { code?: string; delayMs?: number }> {
  try {
    await promise
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
  throw new Error('it should have failed')
}
