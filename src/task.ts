import type pg from 'pg'
import type { z } from 'zod'
import type { Finding } from './finding.ts'

export type { Finding } from './finding.ts'

/**
 * What a task may write to: the log of the worker, where each line carries the run's id, and that of the run, whatever
 * the level. Of an attempt 1,000 lines and 256 KiB are kept with the run, of a message 8 KiB, and of fields as much as
 * JSON.
 */
export interface TaskLog {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** The run that is being executed, as the task sees it. */
export interface TaskRun {
  /** The run's id, the same in every attempt. */
  readonly id: string
  /** The schedule that fired it. */
  readonly scheduleId: string
  readonly scheduleName: string
  /** The nominal instant; it never changes, however late the run starts. */
  readonly scheduledFor: Date
  /** 1 for the first try. */
  readonly attempt: number
  readonly maxAttempts: number
}

/** What a task is given to do its work. */
export interface TaskContext<Payload> {
  readonly payload: Payload
  readonly run: TaskRun
  /** Aborted when the worker is told to stop or the attempt runs out of time. */
  readonly signal: AbortSignal
  readonly log: TaskLog
  /** The worker's pool, in the database that holds the schedules. */
  readonly db: pg.Pool
  /**
   * Reports how far the run has come; shown with the run while it goes on.
   * @param done how many units are finished, 0 or more
   * @param total how many there are
   */
  progress(done: number, total: number, message?: string): Promise<void>
  /**
   * Adds to a counter of the task's own, shown in `/metrics` as `pgbeat_task_count_total` with the labels `task_name` and
   * `counter`. What an attempt counts stays counted when it fails and is made again.
   * @param name lower-case letters, digits and `_`, a letter first, at most 63; beyond 100 names a task, further ones are
   *   counted together as `other`
   * @param by 0 or more; left out, 1
   * @throws RangeError for another name or number
   */
  count(name: string, by?: number): void
}

/** A variable that a task reads from its environment, for `pgbeat doctor env`. */
export interface TaskVariable {
  readonly name: string
  readonly description: string
  /** What holds when it is not set. */
  readonly default?: string
  /** Its value is never shown. */
  readonly isSecret?: boolean
}

/** Something that `pgbeat doctor` looks at for a task: a key, a service. */
export interface TaskCheck {
  /** Stable, kebab-case, beginning with the task's subject. */
  readonly name: string
  /** @param isNeeded asks whether an enabled schedule has the task; also true where that can't be known */
  look(environment: Readonly<Record<string, string | undefined>>, isNeeded: () => Promise<boolean>): Promise<Finding>
}

/**
 * Code under a name, with a payload schema.
 * @typeParam Payload what `run` is given: the schema's output
 * @typeParam Given what a schedule may have as `payload`: the schema's input, defaults left out
 */
export interface Task<Payload = unknown, Given = unknown> {
  /** The name that schedules use as `task_name`: letters, digits, `_`, `-`, `.` and `:`. */
  readonly name: string
  readonly description: string
  /** Checks a payload and fills its defaults; its JSON Schema is published in `pgbeat.tasks`. */
  readonly payload: z.ZodType<Payload, Given>
  /** Tables of the task's own: numbered SQL files, applied by `migrate` with the schema's name as their history. */
  readonly migrations?: { readonly schema: string; readonly directory: URL }
  readonly variables?: readonly TaskVariable[]
  readonly checks?: readonly TaskCheck[]
  /**
   * Does the work. What it returns is kept as the run's `result` (JSON).
   * @throws PermanentError to fail without another try
   * @throws RetryLaterError to be tried again after a time of its own choosing
   * @throws anything else to be tried again with backoff
   */
  run(context: TaskContext<Payload>): Promise<unknown>
}

/**
 * Declares a task: code under a name, with a payload schema.
 *
 * @example
 * export const greet = defineTask({
 *   name: 'greet',
 *   description: 'Says hello',
 *   payload: z.object({ whom: z.string().default('world') }),
 *   run: async ({ payload }) => `hello ${payload.whom}`,
 * })
 */
export function defineTask<Payload, Given>(task: Task<Payload, Given>): Task<Payload, Given> {
  return task
}

/** A result of which a part is missing. The run succeeds with the reason `partial`. */
export class PartialResult {
  readonly result: unknown

  constructor(result: unknown) {
    this.result = result
  }
}
