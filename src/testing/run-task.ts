import type pg from 'pg'
import { PartialResult, type Task, type TaskLog, type TaskRun } from '../task.ts'
import { checkPayload, checkResult } from '../worker/boundary.ts'
import { checkedCount } from '../worker/task-count.ts'

/** What `runTask` takes. */
export interface RunTaskOptions {
  /** What the task sees of the run; what is left out has a default: the first of 3 attempts of run 1, scheduled for now. */
  readonly run?: Partial<TaskRun>
  /** Aborted to tell the task to end. */
  readonly signal?: AbortSignal
  /** What the task gets as `db`; without one, asking for it throws. */
  readonly db?: pg.Pool
}

/** What became of a task that was run by itself. */
export interface TaskOutcome {
  /** As JSON keeps it. */
  readonly result: unknown
  /** Whether the task returned a PartialResult; `result` is what that has. */
  readonly isPartial: boolean
  readonly logs: readonly LoggedLine[]
  /** What it reported, in that order. */
  readonly progress: readonly { readonly done: number; readonly total: number; readonly message: string | null }[]
  /** What it counted, by name. */
  readonly counts: Readonly<Record<string, number>>
}

/** A line that the task has logged. */
export interface LoggedLine {
  readonly level: keyof TaskLog
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * Runs a task once, without a worker, a schedule or a database, as an attempt would: its payload is checked first, and
 * what it returns must be JSON.
 *
 * @throws PermanentError `invalid_payload` or `invalid_result`
 * @throws whatever the task throws
 * @example
 * const { result } = await runTask(greet, { whom: 'you' })
 */
export async function runTask<Payload>(
  task: Task<Payload>,
  payload: unknown,
  options: RunTaskOptions = {},
): Promise<TaskOutcome> {
  const logs: LoggedLine[] = []
  const progress: TaskOutcome['progress'][number][] = []
  const counts: Record<string, number> = {}
  const logAt =
    (level: keyof TaskLog) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void logs.push({ level, message, fields })
  const returned = await task.run({
    payload: checkPayload(task, payload),
    run: { ...firstAttempt(), ...options.run },
    signal: options.signal ?? new AbortController().signal,
    log: { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') },
    get db() {
      if (options.db === undefined) throw new Error('the task asks for db, and runTask was given none')
      return options.db
    },
    progress: async (done, total, message) => void progress.push({ done, total, message: message ?? null }),
    count(name, by = 1) {
      const counted = checkedCount(name, by)
      counts[counted.counter] = (counts[counted.counter] ?? 0) + counted.by
    },
  })
  const isPartial = returned instanceof PartialResult
  const result = checkResult(isPartial ? returned.result : returned) ?? null
  return { result: JSON.parse(JSON.stringify(result)), isPartial, logs, progress, counts }
}

function firstAttempt(): TaskRun {
  return {
    id: '1',
    scheduleId: '00000000-0000-4000-8000-000000000000',
    scheduleName: 'test',
    scheduledFor: new Date(),
    attempt: 1,
    maxAttempts: 3,
  }
}
