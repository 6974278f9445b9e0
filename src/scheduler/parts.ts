// The parts of which `pgbeat start` is made, for programs that run them by themselves: with the defaults of the command
// line, and silent unless they are given a log.

import type pg from 'pg'
import { type Logger, pino } from 'pino'
import { variables } from '../config/variables.ts'
import { diagnose } from '../doctor/diagnose.ts'
import { createEvents, type Events } from '../events.ts'
import { runApi as serve } from '../http/run-api.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Running } from '../running.ts'
import type { Task } from '../task.ts'
import { builtInTasks } from '../tasks/index.ts'
import { runTick as tick } from '../tick/run-tick.ts'
import { runWorker as work } from '../worker/run-worker.ts'

/** What each part takes: a tick, a worker, an API. */
export interface PartOptions {
  /** The database, such as `postgres://user:password@host:5432/name`. */
  readonly connectionString: string
  /** What it has counted is published for the `/metrics` of APIs; left out, it is not. */
  readonly metrics?: Metrics | undefined
}

/** What `runTick` takes. */
export interface RunTickOptions extends PartOptions {
  /** Where it tells what happens; left out, nowhere. */
  readonly events?: Events
  /** How long a run is kept after it is over; 30 by default, 0 = for ever. */
  readonly retentionDays?: number
}

/** What `runWorker` takes. */
export interface RunWorkerOptions extends PartOptions {
  /** What it can execute; left out, the tasks that come with pgbeat. */
  readonly tasks?: readonly Task[]
  /** How many runs at once; 10 by default. */
  readonly concurrency?: number
  /** How long tasks may go on undisturbed when the worker stops, in milliseconds; 5,000 by default. */
  readonly drainMs?: number
  /** What tasks get as `context.db`, and whose end is somebody else's business; left out, a pool of the worker's own. */
  readonly pool?: pg.Pool | undefined
  /** Where it tells what happens; left out, nowhere. */
  readonly events?: Events
  /** Where it logs; left out, nowhere. */
  readonly log?: Logger
}

/** What `runApi` takes. */
export interface RunApiOptions extends PartOptions {
  /** 127.0.0.1 by default. Any other than a loopback address needs a key first: `pgbeat keys create`. */
  readonly host?: string
  /** 8000 by default, 0 = any free port. */
  readonly port?: number
  /** Requests a minute and client; 60,000 by default, 0 = any number. */
  readonly rateLimit?: number
  /** IANA name: the time zone of a schedule that is created over HTTP without one; UTC by default. */
  readonly timezone?: string
  /** Where it logs; left out, nowhere. */
  readonly log?: Logger
}

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
