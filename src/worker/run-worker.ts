import type pg from 'pg'
import type { Logger } from 'pino'
import type { Events } from '../events.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Running } from '../running.ts'
import { neverScan, openPool, overPool } from '../store/database.ts'
import { findPooler } from '../store/pooler.ts'
import { publishTasks } from '../store/tasks.ts'
import type { Task } from '../task.ts'
import { describeTask } from './describe-task.ts'
import { Drain } from './drain.ts'
import { type JobRunner, startJobRunner } from './job-runner.ts'
import { openTaskPool } from './task-pool.ts'

export interface RunWorkerOptions {
  readonly connectionString: string
  readonly tasks: readonly Task[]
  /** How many runs at once. */
  readonly concurrency: number
  /** How long tasks may go on undisturbed when the worker stops. */
  readonly drainMs: number
  readonly events: Events
  readonly log: Logger
  /** Published for `/metrics`; left out, they are not. */
  readonly metrics?: Metrics | undefined
  /** What tasks get as `context.db`, and whose end is somebody else's business; left out, a pool of the worker's own. */
  readonly pool?: pg.Pool | undefined
}

/** Postgres ends statements in time; a connection that says nothing even then is out of reach. */
const historyLimits = { maxConnections: 4, statementTimeoutMs: 15_000, answerTimeoutMs: 20_000, onConnect: neverScan }

interface Replacement {
  readonly tasks: readonly Task[]
  readonly onBegun: () => void
}

export interface RunningWorker extends Running {
  /** Publishes these and executes runs of these from now on. What is under way goes on with the task that it began with. */
  replaceTasks(tasks: readonly Task[]): Promise<void>
}

/**
 * Runs a worker: publishes its tasks and executes their runs. Any number may run.
 *
 * graphile-worker gives up when Postgres goes away just as it completes a job. Another job runner takes its place at
 * once then, under a name of its own, while the old one finishes what it has begun.
 */
export async function runWorker(options: RunWorkerOptions): Promise<RunningWorker> {
  const { connectionString, concurrency, log, pool } = options
  let { tasks } = options
  const history = openPool({ connectionString, applicationName: 'pgbeat worker', ...historyLimits })
  const forTasks = pool ? { pool, end: async () => {} } : openTaskPool({ connectionString, concurrency })
  const closePools = () => Promise.all([history.end(), forTasks.end()])
  const drain = new Drain(options.drainMs)
  const intake = { isPaused: false }
  const start = () => startJobRunner({ ...options, tasks, history, forTasks: forTasks.pool, drain, intake })
  let current = begin()
  await current.catch(async (error) => {
    await closePools()
    throw error
  })
  /** Job runners that another took the place of. */
  const former: Promise<void>[] = []
  let replacement = Promise.withResolvers<Replacement>()
  const supervised = supervise()

  return {
    async stop() {
      drain.begin()
      await current.then(
        (runner) => runner.stop(),
        () => {},
      )
      await supervised
      await Promise.all(former)
      drain.end()
      await closePools()
    },
    async replaceTasks(next) {
      await publishTasks(overPool(history), next.map(describeTask))
      const begun = Promise.withResolvers<void>()
      replacement.resolve({ tasks: next, onBegun: begun.resolve })
      await Promise.race([begun.promise, supervised])
    },
  }

  async function begin(): Promise<JobRunner> {
    await publishTasks(overPool(history), tasks.map(describeTask))
    const pooler = await findPooler(connectionString)
    if (pooler !== undefined) log.warn({ err: pooler }, 'jobs and cancellations are noticed up to a second late')
    return start()
  }

  async function supervise(): Promise<void> {
    while (!drain.stopping.aborted) {
      const runner = await current
      const change = await Promise.race([runner.ended.then((reason) => ({ reason })), replacement.promise])
      if (drain.stopping.aborted) return
      if ('tasks' in change) {
        tasks = change.tasks
        replacement = Promise.withResolvers()
        former.push(runner.stop())
      } else {
        log.error({ err: change.reason }, 'graphile-worker gave up: another job runner takes its place')
        former.push(runner.abandon())
      }
      current = start()
      await current.catch((error: unknown) => {
        if (!drain.stopping.aborted) throw error
      })
      if ('tasks' in change) change.onBegun()
    }
  }
}
