import { EventEmitter } from 'node:events'
import { type Job, Logger as JobLogger, runTaskList, type TaskList, type WorkerEvents } from 'graphile-worker'
import type pg from 'pg'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Events } from '../events.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { publishMetrics } from '../metrics/publish.ts'
import { describeNode } from '../node.ts'
import { putBack } from '../store/attempts.ts'
import type { JobPayload } from '../store/job.ts'
import { overPreparing } from '../store/prepared-statements.ts'
import { insertRunLogs } from '../store/run-logs.ts'
import type { Task } from '../task.ts'
import { LiveCancellations } from './cancellation.ts'
import type { Drain } from './drain.ts'
import { type ExecuteOptions, execute } from './execute.ts'
import { FoundRuns } from './found-runs.ts'
import { Heartbeat } from './heartbeat.ts'
import { History } from './history.ts'
import { openJobPool } from './job-pool.ts'
import { JobSupply, keepMs } from './job-supply.ts'
import { LogWriter } from './log-writer.ts'
import { ShortTasks } from './short-tasks.ts'
import { TaskSlots } from './task-slots.ts'

/** One life of graphile-worker's pool, as a node of its own. */
export interface JobRunner {
  /** Resolves when it takes no more jobs: with the reason when nobody stopped it. What it has begun may go on. */
  readonly ended: Promise<unknown>
  /** Finishes what is under way, takes nothing new, and takes the node's row away. */
  stop(): Promise<void>
  /** After it has ended by itself: finishes what is under way and falls silent, so that recovery unlocks its jobs. */
  abandon(): Promise<void>
}

const never = 2 ** 31 - 1

export interface JobRunnerOptions {
  readonly connectionString: string
  readonly tasks: readonly Task[]
  /** How many runs at once. */
  readonly concurrency: number
  readonly events: Events
  readonly log: Logger
  readonly metrics?: Metrics | undefined
  /** What is written about runs goes through these connections. */
  readonly history: pg.Pool
  /** What tasks are given. */
  readonly forTasks: pg.Pool
  readonly drain: Drain
  readonly intake: Intake
}

/** Whether a worker takes new runs, from one of its job runners to the next. */
interface Intake {
  isPaused: boolean
}

export async function startJobRunner(options: JobRunnerOptions): Promise<JobRunner> {
  const { connectionString, tasks, concurrency, events, log, metrics, forTasks, drain, intake } = options
  // graphile-worker names its pool itself and takes jobs under that name at once. Its connections are held back until
  // the name is in the node's row, so that no job is ever locked by somebody whom recovery doesn't know.
  const registered = Promise.withResolvers<void>()
  registered.promise.catch(() => {})
  const jobs = openJobPool({ connectionString, registered: registered.promise })
  const node = describeNode('worker')
  const db = overPreparing(options.history)
  const cancellations = new LiveCancellations({ connectionString, db, nodeId: node.id })
  const history = new History({ db, nodeId: node.id })
  const shortTasks = new ShortTasks()
  const execution = {
    db,
    history,
    shortTasks,
    pool: forTasks,
    events,
    log,
    nodeId: node.id,
    cancellations,
    runLogs: new LogWriter((lines) => insertRunLogs(db, lines)),
    signal: drain.tasksToEnd,
    handBack: drain.handBack,
  }
  const jobEvents: WorkerEvents = new EventEmitter()
  const { gaveUp, onLogged } = hasGivenUp(jobEvents)
  const underWay = new Set<Promise<void>>()
  const foundRuns = new FoundRuns(history, shortTasks)
  const supply = new JobSupply(jobEvents, { concurrency, onFetched: (fetched) => foundRuns.look(fetched) })
  if (intake.isPaused) supply.pause()
  const slots = new TaskSlots(concurrency, () => supply.askSoon())
  jobEvents.on('pool:gracefulShutdown', () => slots.open())
  const workerPool = runTaskList(
    {
      ...settings,
      concurrency: concurrency + mostUnwritten,
      forbiddenFlags: () => slots.take(),
      events: jobEvents,
      logger: jobLogger(log, onLogged),
    },
    taskList({ tasks, execution, underWay, stopping: drain.stopping, slots, supply, foundRuns }),
    jobs,
  )
  const poolEnded = Promise.resolve(workerPool.promise).catch((error: unknown) => error)
  const names = tasks.map(({ name }) => name)
  const described = { ...node, tasks: names, concurrency, workerPoolId: workerPool.id }
  let isAbandoned = false
  const heed = ({ isDraining }: { readonly isDraining: boolean }) => {
    if (isAbandoned || isDraining === supply.isPaused) return
    intake.isPaused = isDraining
    if (isDraining) supply.pause()
    else supply.resume()
    events.emit(isDraining ? 'worker:draining' : 'worker:resumed', { nodeId: node.id })
  }
  const heart = { isDraining: intake.isPaused, onBeat: heed }
  const heartbeat = await Heartbeat.start(connectionString, described, drain.stopping, heart).catch(async (error) => {
    registered.reject(error)
    await Promise.all([atMost(settleMs, shutDownPool()), atMost(settleMs, jobs.end()), cancellations.stop()])
    throw error
  })
  registered.resolve()
  events.emit('worker:started', { nodeId: node.id, tasks: names, concurrency })
  const publishing = metrics && publishMetrics({ db, node, metrics })

  return {
    ended: Promise.race([gaveUp, poolEnded, heartbeat.ended]),
    async stop() {
      const shutDown = shutDownPool()
      await nothingUnderWay()
      await atMost(settleMs, shutDown)
      await cancellations.stop()
      await publishing?.stop()
      await heartbeat.stop()
      await atMost(settleMs, jobs.end())
    },
    async abandon() {
      isAbandoned = true
      const shutDown = shutDownPool()
      await nothingUnderWay()
      await cancellations.stop()
      await publishing?.stop()
      await heartbeat.abandon()
      await atMost(settleMs, shutDown)
      await atMost(settleMs, jobs.end())
    },
  }

  async function shutDownPool(): Promise<void> {
    try {
      await workerPool.gracefulShutdown('the worker was told to stop')
    } catch (error) {
      log.warn({ err: error }, 'graphile-worker did not stop cleanly')
    }
  }

  async function nothingUnderWay(): Promise<void> {
    while (underWay.size > 0) await Promise.allSettled(underWay)
  }
}

/** How long graphile-worker may take to end when none of its jobs is under way; it does not always. */
const settleMs = 2_000

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([work, over])
  clearTimeout(timer)
}

/** Resolves with the reason when graphile-worker takes no more jobs, whether it says so or not. */
function hasGivenUp(jobEvents: WorkerEvents): { gaveUp: Promise<unknown>; onLogged: (error: unknown) => void } {
  const { promise: gaveUp, resolve } = Promise.withResolvers<unknown>()
  jobEvents.once('pool:fatalError', ({ error }) => resolve(error))
  // It looks its tasks up before it asks for its first job, and remembers for ever if that failed. It only logs that.
  let hasFetched = false
  jobEvents.once('localQueue:getJobs:complete', () => {
    hasFetched = true
  })
  const onLogged = (error: unknown) => {
    if (!hasFetched) resolve(error)
  }
  return { gaveUp, onLogged }
}

/** How many outcomes may wait for being written before no more tasks are begun. */
const mostUnwritten = 1_024

const settings = {
  schema: 'graphile_worker',
  // What is tried again later, or jittered, starts within this.
  pollInterval: 1_000,
  noHandleSignals: true,
  // When graphile-worker shuts down because of an error of its own, that is no reason to cut tasks off.
  gracefulShutdownAbortTimeout: never,
  preset: {
    worker: {
      // Only a batched completion that fails is an event; one that is not batched ends the process.
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
      // job-supply.ts decides how many are really fetched; at a smaller size than there are workers, it would warn.
      localQueue: { size: 1_000_000, ttl: keepMs },
    },
  },
} as const

const jobPayload: z.ZodType<JobPayload> = z.object({
  run_id: z.string(),
  scheduled_for: z.string(),
  attempt: z.number().int(),
})

interface TaskListOptions {
  readonly tasks: readonly Task[]
  readonly execution: ExecuteOptions
  readonly underWay: Set<Promise<void>>
  readonly stopping: AbortSignal
  readonly slots: TaskSlots
  readonly supply: JobSupply
  readonly foundRuns: FoundRuns
}

function taskList({ tasks, execution, underWay, stopping, slots, supply, foundRuns }: TaskListOptions): TaskList {
  const executed = async (task: Task, payload: unknown, job: Job) => {
    const noteEnd = supply.begin()
    let isInSlot = true
    const onTaskEnded = () => {
      if (!isInSlot) return
      isInSlot = false
      slots.leave()
      noteEnd()
    }
    try {
      const parsed = jobPayload.parse(payload)
      // graphile-worker may have been asking for a job when it was told to stop, or to take no more.
      if (stopping.aborted || supply.isPaused) return await putBack(execution.db, parsed, job.run_at)
      const ready = foundRuns.ready(job)
      if (ready !== undefined) await ready
      const found = foundRuns.of(job, parsed)
      try {
        await execute(task, { id: job.id, payload: parsed, found, onTaskEnded }, execution)
      } finally {
        if (found !== undefined) foundRuns.forget(parsed)
      }
    } finally {
      onTaskEnded()
    }
  }
  return Object.fromEntries(
    tasks.map((task) => [
      task.name,
      async (payload: unknown, { job }: { job: Job }) => {
        const execution = executed(task, payload, job)
        underWay.add(execution)
        try {
          await execution
        } finally {
          underWay.delete(execution)
        }
      },
    ]),
  )
}

/**
 * graphile-worker tells of every job; what becomes of runs is logged from our own events.
 * @param onError told of what it logs as an error
 */
function jobLogger(log: Logger, onError: (error: unknown) => void): JobLogger {
  return new JobLogger(() => (level, message, meta) => {
    if (level === 'error' || level === 'warning') log.warn({ component: 'graphile-worker' }, message)
    if (level === 'error' && meta?.error !== undefined) onError(meta.error)
  })
}
