import { randomUUID } from 'node:crypto'
import { Logger as JobLogger, runTaskList, type TaskList } from 'graphile-worker'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Events } from '../events.ts'
import { describeNode } from '../node.ts'
import type { Running } from '../running.ts'
import type { JobPayload } from '../store/attempts.ts'
import { openPool, overPool } from '../store/database.ts'
import { publishTasks } from '../store/tasks.ts'
import type { Task } from '../task.ts'
import { describeTask } from './describe-task.ts'
import { execute } from './execute.ts'
import { Heartbeat } from './heartbeat.ts'

export interface RunWorkerOptions {
  readonly connectionString: string
  readonly tasks: readonly Task[]
  /** How many runs at once. */
  readonly concurrency: number
  readonly events: Events
  readonly log: Logger
}

/** Runs a worker: publishes its tasks and executes their runs. Any number may run. */
export async function runWorker(options: RunWorkerOptions): Promise<Running> {
  const { connectionString, tasks, concurrency, events, log } = options
  const pool = openPool({ connectionString, applicationName: 'pgbeat worker', maxConnections: concurrency + 2 })
  const db = overPool(pool)
  await publishTasks(db, tasks.map(describeTask))

  // graphile-worker names its pool itself and takes jobs under that name at once. Its connections are held back until
  // the name is in the node's row, so that no job is ever locked by somebody whom recovery doesn't know.
  const registered = Promise.withResolvers<void>()
  const jobPool = openPool({
    connectionString,
    applicationName: 'pgbeat jobs',
    maxConnections: Math.max(4, Math.ceil(concurrency / 2)),
    onConnect: () => registered.promise,
  })
  const nodeId = randomUUID()
  const workerPool = runTaskList(
    { concurrency, schema: 'graphile_worker', noHandleSignals: true, logger: jobLogger(log) },
    taskList(tasks, { db, pool, events, log, nodeId }),
    jobPool,
  )
  workerPool.promise.catch((error) => log.error({ err: error }, 'graphile-worker stopped'))
  const names = tasks.map(({ name }) => name)
  const node = { ...describeNode('worker'), id: nodeId, tasks: names, concurrency, workerPoolId: workerPool.id }
  const heartbeat = await Heartbeat.start(connectionString, node)
  registered.resolve()
  events.emit('worker:started', { nodeId, tasks: names, concurrency })

  return {
    async stop() {
      await workerPool.gracefulShutdown('the worker was told to stop')
      await heartbeat.stop()
      await jobPool.end()
      await pool.end()
    },
  }
}

const jobPayload: z.ZodType<JobPayload> = z.object({
  run_id: z.string(),
  scheduled_for: z.string(),
  attempt: z.number().int(),
})

function taskList(tasks: readonly Task[], options: Parameters<typeof execute>[2]): TaskList {
  return Object.fromEntries(
    tasks.map((task) => [
      task.name,
      (payload: unknown, { job, abortSignal }: { job: { id: string }; abortSignal: AbortSignal }) =>
        execute(task, { id: job.id, payload: jobPayload.parse(payload), signal: abortSignal }, options),
    ]),
  )
}

/** graphile-worker tells of every job; what becomes of runs is logged from our own events. */
function jobLogger(log: Logger): JobLogger {
  return new JobLogger(() => (level, message) => {
    if (level === 'error' || level === 'warning') log.warn({ component: 'graphile-worker' }, message)
  })
}
