import type pg from 'pg'
import type { Logger } from 'pino'
import { createEvents, type Events } from '../events.ts'
import { logEvents } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { prepareDatabase } from '../prepare-database.ts'
import type { Running } from '../running.ts'
import { openPool } from '../store/database.ts'
import { requireMigrated } from '../store/migrate.ts'
import type { Queryable } from '../store/schedule-calls.ts'
import type { Task } from '../task.ts'
import { builtInTasks } from '../tasks/index.ts'
import { connectionStringOf, requireDerivable } from './connection-string.ts'
import { runTick, runWorker } from './parts.ts'
import { type NamedTaskSchedule, pause, resume, schedule, type TaskSchedule, trigger, unschedule } from './schedule.ts'

/** What `createScheduler` takes: `pool`, `connectionString` or both. */
export interface SchedulerOptions {
  /** The database; without it, the one of `pool`. */
  readonly connectionString?: string | undefined
  /**
   * A pool of yours: schedules are written with it, and tasks get it as `context.db`. It is never ended. What the tick and
   * the worker need sessions of their own for (a lock, LISTEN, what must not wait for tasks) goes to the same database over
   * connections besides: about 10, at most 19.
   */
  readonly pool?: pg.Pool | undefined
  /** What it can execute; left out, the tasks that come with pgbeat. */
  readonly tasks?: readonly Task[] | undefined
  /** How many runs at once; 10 by default. */
  readonly concurrency?: number | undefined
  /** How long `stop` lets tasks go on before it aborts their signals, in milliseconds; 5,000 by default. */
  readonly drainMs?: number | undefined
  /** How long a run is kept after it is over; 30 by default, 0 = for ever. */
  readonly retentionDays?: number | undefined
  /** Whether `start` brings the database up to date; true by default. Where not, it must be: `pgbeat migrate`. */
  readonly migrate?: boolean | undefined
  /** Where to log; left out, nothing is. */
  readonly log?: Logger | undefined
  /** Published for the `/metrics` of APIs; left out, nothing is. */
  readonly metrics?: Metrics | undefined
  /** What happens is told here; left out, on events of its own. */
  readonly events?: Events | undefined
}

/** A tick and a worker in this process. Any number may run on a database, in one process or in many. */
export interface Scheduler {
  /** What happens in it, such as `run:finished`. No event has to be listened to. */
  readonly events: Events
  /**
   * Brings the database up to date, publishes the tasks and begins. Until then, and after `stop`, schedules can be written
   * all the same.
   * @throws MigrationError when the database was migrated by a newer version, or is not up to date and `migrate` is false
   * @throws pg's errors when it can't be reached; then nothing goes on, and it may be started again
   */
  start(): Promise<void>
  /** Takes nothing new, lets what is under way finish, and resolves when all is done. It may be started again. */
  stop(): Promise<void>
  /** As the function `schedule`; without a client, on the scheduler's pool. */
  schedule<Given>(schedule: TaskSchedule<Given>): Promise<string>
  schedule(schedule: NamedTaskSchedule): Promise<string>
  schedule<Given>(client: Queryable, schedule: TaskSchedule<Given>): Promise<string>
  schedule(client: Queryable, schedule: NamedTaskSchedule): Promise<string>
  /** As the function `unschedule`, on the scheduler's pool. */
  unschedule(name: string): Promise<boolean>
  /** As the function `pause`, on the scheduler's pool. */
  pause(ref: string, note?: string): Promise<void>
  /** As the function `resume`, on the scheduler's pool. */
  resume(ref: string, note?: string): Promise<void>
  /** As the function `trigger`, on the scheduler's pool. */
  trigger(ref: string, payload?: unknown): Promise<string>
}

/**
 * Makes a scheduler that runs in this process: it fires schedules and executes runs. It does nothing until it is started,
 * handles no signals, and writes nothing to standard output.
 *
 * @throws TypeError without a database, or for a pool whose settings no connection string can say
 *
 * @example
 * const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
 * const scheduler = createScheduler({ pool, tasks: [report] })
 * await scheduler.start()
 * await scheduler.schedule({ name: 'daily report', task: report, cron_expression: '0 9 * * *', timezone: 'Asia/Tokyo' })
 * process.once('SIGTERM', () => scheduler.stop())
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { events = createEvents() } = options
  requireDatabase(options)
  if (options.log !== undefined) logEvents(events, options.log)
  let own: pg.Pool | undefined
  let running: Promise<Running> | undefined
  let stopped: Promise<void> | undefined

  const pool = (): pg.Pool => {
    if (options.pool !== undefined) return options.pool
    own ??= openPool({ connectionString: options.connectionString as string, applicationName: 'pgbeat scheduler' })
    return own
  }

  return {
    events,
    async start() {
      const starting = running ?? begin(options, events)
      running = starting
      await starting.catch((error) => {
        running = undefined
        throw error
      })
    },
    async stop() {
      if (running !== undefined || own !== undefined) stopped = end(running, own)
      running = undefined
      own = undefined
      await stopped
    },
    schedule: (...given: unknown[]) => {
      const [client, wanted] = given.length > 1 ? given : [pool(), given[0]]
      return schedule(client as Queryable, wanted as NamedTaskSchedule)
    },
    unschedule: (name) => unschedule(pool(), name),
    pause: (ref, note) => pause(pool(), ref, note),
    resume: (ref, note) => resume(pool(), ref, note),
    trigger: (ref, payload) => trigger(pool(), ref, payload),
  }
}

/** What never began has nothing to stop. */
async function end(running: Promise<Running> | undefined, own: pg.Pool | undefined): Promise<void> {
  await (await running?.catch(() => undefined))?.stop()
  await own?.end()
}

function requireDatabase({ connectionString, pool }: SchedulerOptions): void {
  if (connectionString !== undefined) return
  if (pool === undefined) throw new TypeError('createScheduler needs a pool or a connectionString')
  requireDerivable(pool)
}

async function begin(options: SchedulerOptions, events: Events): Promise<Running> {
  const { tasks = builtInTasks, pool, migrate = true, retentionDays, metrics } = options
  const connectionString = options.connectionString ?? (await connectionStringOf(pool as pg.Pool))
  if (migrate) await prepareDatabase(connectionString, tasks)
  else await requireMigrated(connectionString)
  const { concurrency, drainMs, log } = options
  const worker = await runWorker({
    connectionString,
    tasks,
    events,
    metrics,
    pool,
    ...(concurrency !== undefined && { concurrency }),
    ...(drainMs !== undefined && { drainMs }),
    ...(log !== undefined && { log }),
  })
  const tick = runTick({ connectionString, events, metrics, ...(retentionDays !== undefined && { retentionDays }) })
  return {
    async stop() {
      await tick.stop()
      await worker.stop()
    },
  }
}
