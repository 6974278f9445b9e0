import { EventEmitter } from 'node:events'
import { Logger as JobLogger, runTaskList, type TaskList, type WorkerEvents } from 'graphile-worker'
import type pg from 'pg'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Events } from '../events.ts'
import { describeNode } from '../node.ts'
import type { JobPayload } from '../store/attempts.ts'
import { openPool, overPool } from '../store/database.ts'
import type { Task } from '../task.ts'
import { type ExecuteOptions, execute } from './execute.ts'
import { Heartbeat } from './heartbeat.ts'

/** One life of graphile-worker's pool, as a node of its own. */
export interface JobRunner {
  /** Resolves when it takes no more jobs: with the reason when nobody stopped it. What it has begun may go on. */
  readonly ended: Promise<unknown>
  /** Finishes what is under way, takes nothing new, and takes the node's row away. */
  stop(): Promise<void>
  /** After it has ended by itself: finishes what is under way and falls silent, so that recovery unlocks its jobs. */
  abandon(): Promise<void>
}

/** Tasks are told to end when the worker has been waiting for them for this long. */
const patienceMs = 5_000
const never = 2 ** 31 - 1

export interface JobRunnerOptions {
  readonly connectionString: string
  readonly tasks: readonly Task[]
  /** How many runs at once. */
  readonly concurrency: number
  readonly events: Events
  readonly log: Logger
  /** What is written about runs goes through these connections. */
  readonly history: pg.Pool
  /** What tasks are given. */
  readonly forTasks: pg.Pool
}

export async function startJobRunner(options: JobRunnerOptions): Promise<JobRunner> {
  const { connectionString, tasks, concurrency, events, log, history, forTasks } = options
  // graphile-worker names its pool itself and takes jobs under that name at once. Its connections are held back until
  // the name is in the node's row, so that no job is ever locked by somebody whom recovery doesn't know.
  const registered = Promise.withResolvers<void>()
  const jobs = openPool({
    connectionString,
    applicationName: 'pgbeat jobs',
    maxConnections: Math.max(4, Math.ceil(concurrency / 2)),
    onConnect: () => registered.promise,
  })
  const node = describeNode('worker')
  const stopping = new AbortController()
  const execution = { db: overPool(history), pool: forTasks, events, log, nodeId: node.id, signal: stopping.signal }
  const jobEvents: WorkerEvents = new EventEmitter()
  const ended = new Promise((resolve) => jobEvents.once('pool:fatalError', ({ error }) => resolve(error)))
  const workerPool = runTaskList(
    { ...settings, concurrency, events: jobEvents, logger: jobLogger(log) },
    taskList(tasks, execution),
    jobs,
  )
  const drained = Promise.resolve(workerPool.promise).catch((error: unknown) => error)
  const names = tasks.map(({ name }) => name)
  const heartbeat = await Heartbeat.start(connectionString, {
    ...node,
    tasks: names,
    concurrency,
    workerPoolId: workerPool.id,
  })
  registered.resolve()
  events.emit('worker:started', { nodeId: node.id, tasks: names, concurrency })

  return {
    ended: Promise.race([ended, drained]),
    async stop() {
      const timer = setTimeout(() => stopping.abort(), patienceMs)
      await Promise.resolve(workerPool.gracefulShutdown('the worker was told to stop')).catch((error: unknown) =>
        log.warn({ err: error }, 'graphile-worker did not stop cleanly'),
      )
      clearTimeout(timer)
      await heartbeat.stop()
      await jobs.end()
    },
    async abandon() {
      await drained
      await heartbeat.abandon()
      await jobs.end()
    },
  }
}

const settings = {
  schema: 'graphile_worker',
  noHandleSignals: true,
  // When graphile-worker shuts down because of an error of its own, that is no reason to cut tasks off.
  gracefulShutdownAbortTimeout: never,
  // Only a batched completion that fails is an event; one that is not batched ends the process.
  preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
} as const

const jobPayload: z.ZodType<JobPayload> = z.object({
  run_id: z.string(),
  scheduled_for: z.string(),
  attempt: z.number().int(),
})

function taskList(tasks: readonly Task[], options: ExecuteOptions): TaskList {
  return Object.fromEntries(
    tasks.map((task) => [
      task.name,
      (payload: unknown, { job }: { job: { id: string } }) =>
        execute(task, { id: job.id, payload: jobPayload.parse(payload) }, options),
    ]),
  )
}

/** graphile-worker tells of every job; what becomes of runs is logged from our own events. */
function jobLogger(log: Logger): JobLogger {
  return new JobLogger(() => (level, message) => {
    if (level === 'error' || level === 'warning') log.warn({ component: 'graphile-worker' }, message)
  })
}
