import type { Config } from '../../config/variables.ts'
import { createEvents } from '../../events.ts'
import { prepareDatabase } from '../../prepare-database.ts'
import { openPool, overPool } from '../../store/database.ts'
import { requireMigrated } from '../../store/migrate.ts'
import { overPreparing } from '../../store/prepared-statements.ts'
import type { ScheduleFilter } from '../../store/schedule-filter.ts'
import {
  readScheduleErrors,
  readSchedulesToSimulate,
  readSimulatedRuns,
  type ScheduleToSimulate,
  writeSimulatedSchedules,
} from '../../store/simulated-schedules.ts'
import { publishTasks } from '../../store/tasks.ts'
import { executionByHand } from '../../testing/execution.ts'
import { type SettableClock, settableClock } from '../../testing.ts'
import { describeTask } from '../../worker/describe-task.ts'
import { requireDatabase } from '../command.ts'
import { CommandFailure } from '../command-failure.ts'
import { ProgressBar } from '../output/progress-bar.ts'
import { play } from './play.ts'
import { type Simulation, summarize, toShown } from './present.ts'
import type { Span } from './read-span.ts'
import { Runs } from './runs.ts'
import { openScratch } from './scratch.ts'

const mostSchedules = 10_000

/**
 * Reads schedules from the database of DATABASE_URL, where nothing is written.
 * @throws UsageError, MigrationError
 * @throws CommandFailure when one of them isn't there, or there are too many
 */
export async function readSchedules(config: Config, filter: ScheduleFilter): Promise<ScheduleToSimulate[]> {
  const connectionString = requireDatabase(config)
  await requireMigrated(connectionString)
  const pool = openPool({ connectionString, applicationName: 'pgbeat simulate', maxConnections: 1 })
  try {
    const { schedules, notFound } = await readSchedulesToSimulate(overPool(pool), filter, mostSchedules + 1)
    if (notFound.length > 0) {
      throw new CommandFailure(
        `there is no schedule ${notFound.map((name) => JSON.stringify(name)).join(', ')}`,
        'notFound',
      )
    }
    if (schedules.length > mostSchedules) {
      throw new CommandFailure(`there are more than ${mostSchedules} schedules: choose some of them`)
    }
    return schedules
  } finally {
    await pool.end()
  }
}

export interface SimulateOptions extends Span {
  readonly scratchUrl: string | undefined
  readonly mostRuns: number
  readonly signal: AbortSignal
}

/** Has the real tick work on copies of schedules, on a database that is thrown away; null when it was interrupted. */
export async function simulate(
  schedules: readonly ScheduleToSimulate[],
  options: SimulateOptions,
): Promise<Simulation | null> {
  const bar = new ProgressBar(process.stderr)
  bar.show(0, null, 'starting a database …')
  const { connectionString, drop } = await openScratch(options.scratchUrl)
  try {
    await prepareDatabase(connectionString, [])
    const clock = await settableClock({ connectionString, at: options.from })
    return await simulateOn(connectionString, clock, schedules, { ...options, bar }).finally(() => clock.restore())
  } finally {
    bar.clear()
    await drop()
  }
}

async function simulateOn(
  connectionString: string,
  clock: SettableClock,
  schedules: readonly ScheduleToSimulate[],
  { from, to, downtimes, runForMs, mostRuns, signal, bar }: SimulateOptions & { readonly bar: ProgressBar },
): Promise<Simulation | null> {
  const pool = openPool({ connectionString, applicationName: 'pgbeat simulate' })
  const timeouts = new Map(schedules.map(({ id, timeout }) => [id, timeout === null ? null : timeout * 1_000]))
  const now = () => clock.now().getTime()
  const taskNames = [...new Set(schedules.map(({ task_name }) => task_name))]
  const runs = new Runs({ now, taskNames, lengthMs: runForMs, timeoutMs: (id) => timeouts.get(id) ?? null })
  const db = overPreparing(pool)
  const events = createEvents()
  const execution = executionByHand({ db, pool, events, cancellations: runs.cancellations, now })
  try {
    await publishTasks(db, runs.tasks.map(describeTask))
    await writeSimulatedSchedules(db, schedules)
    const onMoment = (at: number, count: number) =>
      bar.show(Math.floor(((at - from) / (to - from)) * 100), 100, `${count} runs until ${new Date(at).toISOString()}`)
    const playing = { db, events, clock, runs, execution, to, downtimes, mostRuns, signal, onMoment }
    await play(playing)
    if (signal.aborted) return null
    const zones = new Map(schedules.map(({ id, timezone }) => [id, timezone]))
    const shown = (await readSimulatedRuns(db)).map((run) => toShown(run, zones.get(run.schedule_id) ?? 'UTC'))
    return {
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      simulated_until: clock.now().toISOString(),
      runs: shown,
      schedules: summarize(schedules, shown, await readScheduleErrors(db)),
    }
  } finally {
    await runs.close()
    await pool.end()
  }
}
