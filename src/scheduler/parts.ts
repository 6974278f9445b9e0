// The parts of which `pgbeat start` is made, for programs that run them by themselves: with the defaults of the command
// line, and silent unless they are given a log.

import { pino } from 'pino'
import { variables } from '../config/variables.ts'
import { diagnose } from '../doctor/diagnose.ts'
import { createEvents } from '../events.ts'
import { type RunApiOptions as AllApiOptions, runApi as serve } from '../http/run-api.ts'
import type { Running } from '../running.ts'
import { builtInTasks } from '../tasks/index.ts'
import { type RunTickOptions as AllTickOptions, runTick as tick } from '../tick/run-tick.ts'
import { type RunWorkerOptions as AllWorkerOptions, runWorker as work } from '../worker/run-worker.ts'

/** What a part must be given, and what it may be. */
type Needs<Options, Required extends keyof Options> = Pick<Options, Required> & Partial<Omit<Options, Required>>

/** What `runTick` takes; only `connectionString` is needed. */
export interface RunTickOptions extends Needs<AllTickOptions, 'connectionString'> {}

/** What `runWorker` takes; only `connectionString` is needed. Without `tasks` it has those that come with pgbeat. */
export interface RunWorkerOptions extends Needs<AllWorkerOptions, 'connectionString'> {}

/** What `runApi` takes; only `connectionString` is needed. */
export interface RunApiOptions
  extends Needs<Omit<AllApiOptions, 'diagnose' | 'keysTrustedForMs'>, 'connectionString'> {}

/**
 * Runs a tick in this process: stands by, and fires what is due while it leads. Any number may run. Keeps runs for 30
 * days unless told otherwise.
 */
export function runTick(options: RunTickOptions): Running {
  return tick({ events: createEvents(), retentionDays: variables.PGBEAT_RETENTION_DAYS.parse(undefined), ...options })
}

/**
 * Runs a worker in this process: publishes its tasks and executes their runs, 10 at once unless told otherwise. Any number
 * may run.
 */
export async function runWorker(options: RunWorkerOptions): Promise<Running> {
  return work({
    tasks: builtInTasks,
    concurrency: variables.PGBEAT_CONCURRENCY.parse(undefined),
    drainMs: variables.PGBEAT_DRAIN_SECONDS.parse(undefined) * 1_000,
    events: createEvents(),
    log: pino({ level: 'silent' }),
    ...options,
  })
}

/**
 * Serves the HTTP API and the dashboard from this process, on 127.0.0.1:8000 unless told otherwise.
 * @returns the server, and where it is
 * @throws ListenError when the port is taken, or the address is open to others while there are no keys
 */
export async function runApi(options: RunApiOptions): Promise<Running & { readonly url: string }> {
  const { connectionString } = options
  return serve({
    host: variables.PGBEAT_HOST.parse(undefined),
    port: variables.PGBEAT_PORT.parse(undefined),
    rateLimit: variables.PGBEAT_RATE_LIMIT.parse(undefined),
    log: pino({ level: 'silent' }),
    ...options,
    async diagnose() {
      const { status, checked_at, checks } = await diagnose({ ...process.env, DATABASE_URL: connectionString })
      return { status, checked_at: new Date(checked_at), checks: [...checks] }
    },
  })
}
