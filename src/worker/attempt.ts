import type pg from 'pg'
import type { Logger } from 'pino'
import type { Events, RunEvent } from '../events.ts'
import { type OpenedAttempt, type RunToTry, reportProgress } from '../store/attempts.ts'
import type { JobPayload } from '../store/job.ts'
import type { Db } from '../store/tables.ts'
import type { Task, TaskContext, TaskLog } from '../task.ts'
import { Deadline } from './deadline.ts'
import type { LogWriter } from './log-writer.ts'
import { RunLog } from './run-log.ts'
import { checkedCount } from './task-count.ts'

export type AttemptId = Pick<RunToTry, 'runId' | 'attempt'>

/** Who says that an attempt under way is to end: its run was cancelled, or it is no longer this worker's. */
export interface Cancellations {
  /** Aborted when that happens. */
  watch(attempt: AttemptId): AbortSignal
  forget(attempt: AttemptId): void
}

export interface AttemptOptions {
  readonly db: Db
  readonly pool: pg.Pool
  readonly events: Events
  readonly log: Logger
  readonly nodeId: string
  readonly cancellations: Cancellations
  readonly runLogs: Pick<LogWriter, 'write'>
  /** What time it is in Unix milliseconds; left out, it is reckoned from when the database was asked for the run. */
  readonly now?: () => number
  /** Aborted when the worker is stopping and wants tasks to end. */
  readonly signal: AbortSignal
  /** Aborted when it waits for them no longer; whatever they do then, their attempts are over. */
  readonly handBack: AbortSignal
}

/** @param beganAtMs when the attempt began, in Unix milliseconds by the database's clock; left out, it begins now */
export type Open = (beganAtMs?: number) => Promise<OpenedAttempt | null>

/** An attempt while its task runs. What a task does not ask for is not made. */
export class Attempt {
  readonly run: RunToTry
  readonly startedAt = performance.now()
  /** The same in Unix milliseconds, by the database's clock. */
  readonly startedAtMs: number
  readonly #job: JobPayload
  readonly #options: AttemptOptions
  readonly #openNow: Open | undefined
  #reject: ((reason: unknown) => void) | undefined
  #givenUpFor: { readonly reason: unknown } | undefined
  #opened: Promise<OpenedAttempt | null> | undefined
  #toEnd: AbortController | undefined
  #deadline: Deadline | undefined
  #watched: AttemptId | undefined
  #isWired = false
  #isOver = false
  #hasAsked = false
  #cancelledBy: unknown
  #log: RunLog | undefined

  /**
   * @param readAt when the run was read, by performance.now()
   * @param open left out, the attempt is open
   */
  constructor(
    run: RunToTry,
    job: JobPayload,
    options: AttemptOptions,
    { readAt, open }: { readonly readAt: number; readonly open?: Open },
  ) {
    this.run = run
    this.#job = job
    this.#options = options
    this.#openNow = open
    this.startedAtMs = run.nowMs + this.startedAt - readAt
    if (open !== undefined) return
    this.#wire()
    this.#watch()
  }

  /** Undefined as long as nobody wants the attempt to be opened. */
  get opened(): Promise<OpenedAttempt | null> | undefined {
    return this.#opened
  }

  /** What the task comes to, unless it is no longer waited for. */
  until(returned: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      returned.then(resolve, reject)
      this.#reject = reject
      if (this.#givenUpFor !== undefined) reject(this.#givenUpFor.reason)
    })
  }

  /** Whether it was cancelled or lost, and by what error it is told so. */
  get cancelledBy(): unknown {
    return this.#cancelledBy
  }

  /** What the task has logged; undefined = nothing. */
  get log(): RunLog | undefined {
    return this.#log
  }

  /** Whether the task has asked for what takes an open attempt, or lets it reach out of this process. */
  get hasAsked(): boolean {
    return this.#hasAsked
  }

  /** Opens the attempt, unless that is under way, done, or of no use any more. */
  open(): void {
    if (this.#openNow === undefined || this.#opened !== undefined || this.#isOver) return
    this.#wire()
    this.#opened = this.#openNow(this.startedAtMs)
    this.#opened.then(
      (opened) => {
        if (opened !== null) this.#watch()
        else this.#cancel(new AttemptNotOpened())
      },
      (error) => this.#giveUp(error),
    )
  }

  /** The task has ended, or is no longer waited for. */
  end(): void {
    this.#isOver = true
    this.#deadline?.clear()
    if (this.#watched !== undefined) this.#options.cancellations.forget(this.#watched)
    if (!this.#isWired) return
    this.#options.signal.removeEventListener('abort', this.#onStopping)
    this.#options.handBack.removeEventListener('abort', this.#onHandBack)
  }

  context(task: Task, payload: unknown): TaskContext<unknown> {
    const attempt = this
    const { pool, events } = this.#options
    const { run } = this
    return {
      payload,
      run: {
        id: run.runId,
        scheduleId: run.scheduleId,
        scheduleName: run.scheduleName,
        // Without the microseconds, as pg reads it.
        scheduledFor: new Date(Math.floor(Math.round(run.scheduledForMs * 1_000) / 1_000)),
        attempt: run.attempt,
        maxAttempts: run.maxAttempts,
      },
      get signal() {
        return attempt.#signal()
      },
      get log() {
        return attempt.#taskLog(task)
      },
      get db() {
        attempt.#ask()
        return pool
      },
      progress: (done, total, message) => attempt.#report({ done, total, message: message ?? null }),
      count: (name, by = 1) => void events.emit('task:counted', { ...aboutRun(run), ...checkedCount(name, by) }),
    }
  }

  #ask(): void {
    this.#hasAsked = true
    this.open()
  }

  #signal(): AbortSignal {
    this.#ask()
    if (this.#toEnd === undefined) {
      this.#toEnd = new AbortController()
      this.#wire()
      if (this.#options.signal.aborted) this.#onStopping()
    }
    return this.#toEnd.signal
  }

  async #report(progress: Parameters<typeof reportProgress>[2]): Promise<void> {
    const { db, nodeId } = this.#options
    this.#ask()
    await this.#opened
    await reportProgress(db, { job: this.#job, nodeId }, progress)
  }

  /** What a task logs goes to the log of the process and to that of the run. */
  #taskLog(task: Task): TaskLog {
    let logger: Logger | undefined
    const at =
      (level: keyof TaskLog): TaskLog[typeof level] =>
      (message, fields) => {
        const { runId, scheduleName } = this.run
        logger ??= this.#options.log.child({ run_id: runId, schedule: scheduleName, task: task.name })
        this.#ask()
        logger[level]({ ...fields }, message)
        if (!this.#isOver) this.#log ??= this.#newLog()
        this.#log?.add(level, message, fields)
      }
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  }

  #newLog(): RunLog {
    const { runLogs, now } = this.#options
    const { runId, attempt } = this.run
    return new RunLog({
      attempt: { runId, scheduledFor: this.#job.scheduled_for, attempt },
      now: now ?? (() => this.startedAtMs + performance.now() - this.startedAt),
      write: (lines) => runLogs.write(lines),
    })
  }

  /** Has the attempt ended by its deadline, and by the worker. */
  #wire(): void {
    if (this.#isWired || this.#isOver) return
    this.#isWired = true
    const { signal, handBack } = this.#options
    signal.addEventListener('abort', this.#onStopping)
    handBack.addEventListener('abort', this.#onHandBack)
    if (handBack.aborted) this.#onHandBack()
    if (this.run.timeoutMs === null) return
    const deadline = new Deadline(this.run.timeoutMs)
    this.#deadline = deadline
    deadline.signal.addEventListener('abort', () => this.#giveUp(deadline.signal.reason))
  }

  #watch(): void {
    if (this.#isOver) return
    const cancellation = this.#options.cancellations.watch(this.run)
    this.#watched = this.run
    cancellation.addEventListener('abort', () => this.#cancel(cancellation.reason))
  }

  readonly #onStopping = () => this.#toEnd?.abort(this.#options.signal.reason)

  readonly #onHandBack = () => this.#stopWaiting(this.#options.handBack.reason)

  #cancel(reason: unknown): void {
    this.#cancelledBy ??= reason
    this.#giveUp(reason)
  }

  #giveUp(reason: unknown): void {
    this.#stopWaiting(reason)
    this.#toEnd?.abort(reason)
  }

  #stopWaiting(reason: unknown): void {
    this.#givenUpFor ??= { reason }
    this.#reject?.(reason)
  }
}

/** The run was cancelled, or is somebody else's, before its attempt was opened. */
class AttemptNotOpened extends Error {
  override readonly name = 'AttemptNotOpened'
  readonly code = 'cancelled'

  constructor() {
    super('the run was cancelled or taken over just as it began')
  }
}

export function aboutRun({ runId, scheduleId, scheduleName, taskName, attempt }: RunToTry): RunEvent {
  return { runId, scheduleId, scheduleName, taskName, attempt }
}
