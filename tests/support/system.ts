import { pino } from 'pino'
import type { Test } from 'tap'
import { createEvents, type Events } from '../../src/events.ts'
import type { Running } from '../../src/running.ts'
import { overPool } from '../../src/store/database.ts'
import { restoreClock, simulateClock } from '../../src/store/simulated-clock.ts'
import type { Db } from '../../src/store/tables.ts'
import type { Task } from '../../src/task.ts'
import { builtInTasks } from '../../src/tasks/index.ts'
import { runTick } from '../../src/tick/run-tick.ts'
import { tick } from '../../src/tick/tick.ts'
import { runWorker } from '../../src/worker/run-worker.ts'
import { type TestDatabase, testDatabase } from './database.ts'

export interface System extends TestDatabase {
  readonly db: Db
  readonly events: Events
  /** The first row of a query. */
  row<Row extends object>(text: string, values?: unknown[]): Promise<Row>
  startTick(): Running
  startWorker(tasks?: readonly Task[], concurrency?: number, drainMs?: number): Promise<Running>
}

/** A database of the test's own, and ticks and workers on it that are stopped when the test is over. */
export async function testSystem(t: Pick<Test, 'teardown'>): Promise<System> {
  const database = await testDatabase(t)
  const { connectionString, pool } = database
  const events = createEvents()
  const running: Running[] = []
  t.teardown(async () => {
    await Promise.all(running.map((part) => part.stop()))
  })
  return {
    ...database,
    db: overPool(pool),
    events,
    async row<Row extends object>(text: string, values: unknown[] = []) {
      const { rows } = await pool.query<Row>(text, values)
      return rows[0] as Row
    },
    startTick() {
      const tick = stoppedOnce(runTick({ connectionString, events }))
      running.push(tick)
      return tick
    },
    async startWorker(tasks = builtInTasks, concurrency = 4, drainMs = 5_000) {
      const log = pino({ level: 'silent' })
      const worker = stoppedOnce(await runWorker({ connectionString, tasks, concurrency, drainMs, events, log }))
      running.push(worker)
      return worker
    },
  }
}

/** Fires and plans until there is nothing left to do at an instant; without one, by the database's clock. */
export async function tickUntilIdle({ db, events }: Pick<System, 'db' | 'events'>, now?: number): Promise<void> {
  if (now !== undefined) await simulateClock(db, now)
  try {
    while (await tick({ db, events })) {}
  } finally {
    if (now !== undefined) await restoreClock(db)
  }
}

/** Tests stop parts themselves, and the teardown stops them again. */
function stoppedOnce(running: Running): Running {
  let stopped: Promise<void> | undefined
  return {
    stop() {
      stopped ??= running.stop()
      return stopped
    },
  }
}
