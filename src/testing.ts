// Time to play with: a clock that is set by hand and a scheduler that is run by hand, against a real database. A year of
// schedules takes seconds, and all that SQL sees (what is due, when a run began, when a pause was over) goes by the clock.
//
// The database is to be one for tests: while its clock is simulated, every process on it goes by that clock.

import type { Logger } from 'pino'
import { createEvents, type Events } from './events.ts'
import { openPool, overPool } from './store/database.ts'
import { dropJobs, dueRuns, nextMoment } from './store/due-runs.ts'
import { whatIsPending } from './store/pending.ts'
import { overPreparing } from './store/prepared-statements.ts'
import { restoreClock, setSimulatedClock, simulateClock } from './store/simulated-clock.ts'
import { publishTasks } from './store/tasks.ts'
import type { Task } from './task.ts'
import { builtInTasks } from './tasks/index.ts'
import { executionByHand } from './testing/execution.ts'
import { tick } from './tick/tick.ts'
import { describeTask } from './worker/describe-task.ts'
import { execute } from './worker/execute.ts'

export { type LoggedLine, type RunTaskOptions, runTask, type TaskOutcome } from './testing/run-task.ts'

/** An instant: a Date, Unix milliseconds, or ISO 8601 text with an offset. */
export type GivenInstant = Date | number | string

/** The clock of a database. It stands still until it is set. */
export interface SettableClock {
  now(): Date
  /** @throws RangeError for what is no instant */
  set(instant: GivenInstant): Promise<void>
  /**
   * @param ms milliseconds, 0 or more
   * @throws RangeError for a negative number
   */
  advance(ms: number): Promise<void>
  /** Gives the database the server's clock back. */
  restore(): Promise<void>
}

/** What `settableClock` takes. */
export interface SettableClockOptions {
  /** A database that is migrated and that nothing real depends on. */
  readonly connectionString: string
  /** What time it is at first. */
  readonly at: GivenInstant
}

/**
 * Stops the clock of a database.
 *
 * @example
 * const clock = await settableClock({ connectionString, at: '2025-03-09T00:00:00-05:00' })
 * const scheduler = await manualScheduler({ connectionString, clock })
 * // insert into pgbeat.schedules (task_name, cron_expression, timezone) values ('echo', '30 2 * * *', 'America/New_York')
 * await scheduler.runUntil('2026-03-09T00:00:00Z')
 * // select scheduled_for, status, clock_change from pgbeat.runs
 */
export async function settableClock({ connectionString, at }: SettableClockOptions): Promise<SettableClock> {
  const pool = openPool({ connectionString, applicationName: 'pgbeat simulation', maxConnections: 1 })
  const db = overPool(pool)
  let now = toMs(at)
  let restored: Promise<void> | undefined
  await simulateClock(db, now)
  const set = async (ms: number) => {
    await setSimulatedClock(db, ms)
    now = ms
  }
  return {
    now: () => new Date(now),
    set: async (instant) => set(toMs(instant)),
    async advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`the clock can't be advanced by ${ms} ms`)
      await set(toMs(now + ms))
    },
    async restore() {
      restored ??= restoreClock(db).finally(() => pool.end())
      await restored
    },
  }
}

/** A tick and a worker in one that do nothing by themselves. */
export interface ManualScheduler {
  /** Turns what is due into runs, and executes none of them; answers how many runs it made. */
  fireDue(): Promise<number>
  /** Executes the runs that are queued, one after the other, and answers how many attempts that took. */
  executeDue(): Promise<number>
  /** Both, until there is nothing left to do at the clock's time. */
  runDue(): Promise<void>
  /**
   * Sets the clock to one due instant after the other, up to this one, and runs what is due at each. A run takes no time
   * unless its task sets the clock; what comes due meanwhile is decided when it is over.
   */
  runUntil(instant: GivenInstant): Promise<void>
  close(): Promise<void>
}

/** What `manualScheduler` takes. */
export interface ManualSchedulerOptions {
  readonly connectionString: string
  readonly clock: SettableClock
  /** Left out: the built-in ones. Schedules may name them; runs of other tasks stay queued. */
  readonly tasks?: readonly Task[]
  readonly events?: Events
  readonly log?: Logger
}

/** Makes a scheduler that is run by hand; its tasks are put into the database's catalogue. */
export async function manualScheduler(options: ManualSchedulerOptions): Promise<ManualScheduler> {
  const { connectionString, clock, tasks = builtInTasks, events = createEvents() } = options
  const pool = openPool({
    connectionString,
    applicationName: 'pgbeat simulation',
    options: '-c synchronous_commit=off',
  })
  const db = overPreparing(pool)
  let closed: Promise<void> | undefined
  await publishTasks(db, tasks.map(describeTask))
  const byName = new Map(tasks.map((task) => [task.name, task]))
  const now = () => clock.now().getTime()
  const execution = executionByHand({ db, pool, events, log: options.log, now })

  return {
    fireDue,
    executeDue,
    async runDue() {
      await runDue()
    },
    async runUntil(instant) {
      const end = toMs(instant)
      for (let next = await runDue(end); next !== null && next <= end; next = await runDue(end)) {
        if (next > clock.now().getTime()) await clock.set(next)
      }
      if (end > clock.now().getTime()) await clock.set(end)
    },
    async close() {
      closed ??= dropJobs(db, [...byName.keys()]).finally(() => pool.end())
      await closed
    },
  }

  async function fireDue(): Promise<number> {
    let runs = 0
    const count = (fired: { runs: number }) => {
      runs += fired.runs
    }
    events.on('tick:fired', count)
    try {
      while (await tick({ db, events })) {}
    } finally {
      events.off('tick:fired', count)
    }
    return runs
  }

  async function executeDue(): Promise<number> {
    const due = await dueRuns(db, [...byName.keys()])
    for (const { taskName, job } of due) {
      await execute(byName.get(taskName) as Task, { id: '0', payload: job }, execution)
    }
    return due.length
  }

  /**
   * Answers when there will be something to do again.
   * @param end a run may set the clock, and make more due: what is due after this is left
   */
  async function runDue(end = Number.POSITIVE_INFINITY): Promise<number | null> {
    for (;;) {
      const ticked = await tick({ db, events })
      const executed = await executeDue()
      const next = await nextMoment(db)
      const isDue = next !== null && next <= clock.now().getTime()
      const isIdle = !ticked && executed === 0
      if (clock.now().getTime() > end) return null
      if (isIdle || !(isDue || Object.values(await whatIsPending(db)).includes(true))) return next
    }
  }
}

function toMs(instant: GivenInstant): number {
  const ms = new Date(instant).getTime()
  const hasOffset = typeof instant !== 'string' || /(Z|[+-]\d\d:?\d\d)$/i.test(instant)
  if (Number.isNaN(ms) || !hasOffset) throw new RangeError(`${String(instant)} is no instant with an offset`)
  return ms
}
