import { z } from 'zod'
import { attemptsUnderWay } from '../../store/cancellation.ts'
import { dueRuns } from '../../store/due-runs.ts'
import type { Db } from '../../store/tables.ts'
import { defineTask, type Task, type TaskRun } from '../../task.ts'
import type { Cancellations } from '../../worker/attempt.ts'
import { AttemptTimeout } from '../../worker/deadline.ts'
import { type ExecuteOptions, execute } from '../../worker/execute.ts'

export interface RunsOptions {
  /** Unix milliseconds. */
  readonly now: () => number
  readonly taskNames: readonly string[]
  /** How long each run takes. */
  readonly lengthMs: number
  /** After which an attempt is ended, by schedule; null = never. */
  readonly timeoutMs: (scheduleId: string) => number | null
}

interface UnderWay {
  readonly endsAt: number
  readonly end: () => void
  readonly over: Promise<void>
}

/** The runs of a simulation: their tasks do nothing but take their time, by its clock. */
export class Runs {
  readonly #options: RunsOptions
  readonly #tasks: ReadonlyMap<string, Task>
  readonly #begun = new Map<string, (end: { endsAt: number; end: () => void }) => void>()
  readonly #underWay = new Map<string, UnderWay>()
  readonly #cancel = new Map<string, AbortController>()

  constructor(options: RunsOptions) {
    this.#options = options
    this.#tasks = new Map(options.taskNames.map((name) => [name, this.#standIn(name)]))
  }

  get tasks(): readonly Task[] {
    return [...this.#tasks.values()]
  }

  /** When the next of them ends; null = none is under way. */
  get nextEnd(): number | null {
    const ends = [...this.#underWay.values()].map(({ endsAt }) => endsAt)
    return ends.length === 0 ? null : Math.min(...ends)
  }

  /** For the attempts that `start` makes. */
  readonly cancellations: Cancellations = {
    watch: ({ runId }) => {
      const controller = new AbortController()
      this.#cancel.set(runId, controller)
      return controller.signal
    },
    forget: ({ runId }) => void this.#cancel.delete(runId),
  }

  /** Begins the runs that may begin now, and answers how many. */
  async start(db: Db, execution: ExecuteOptions): Promise<number> {
    const due = await dueRuns(db, [...this.#tasks.keys()])
    await Promise.all(
      due.map(async ({ taskName, job }) => {
        const begun = Promise.withResolvers<{ endsAt: number; end: () => void }>()
        this.#begun.set(job.run_id, begun.resolve)
        const over = execute(this.#tasks.get(taskName) as Task, { id: '0', payload: job }, execution)
        const ending = await Promise.race([begun.promise, over])
        this.#begun.delete(job.run_id)
        if (ending !== undefined) this.#underWay.set(job.run_id, { ...ending, over })
      }),
    )
    return due.length
  }

  /** Ends what is over by now, and answers how many that were. */
  async endDue(): Promise<number> {
    const now = this.#options.now()
    return this.#end([...this.#underWay].filter(([, { endsAt }]) => endsAt <= now))
  }

  /** Ends what was cancelled, as the overlap policy `replace` does. */
  async endCancelled(db: Db, { nodeId }: ExecuteOptions): Promise<number> {
    if (this.#underWay.size === 0) return 0
    const cancelled = (await attemptsUnderWay(db, nodeId)).filter(({ isCancelled }) => isCancelled)
    for (const { runId } of cancelled) this.#cancel.get(runId)?.abort(new Error('the run was cancelled'))
    const ids = new Set(cancelled.map(({ runId }) => runId))
    return this.#end([...this.#underWay].filter(([runId]) => ids.has(runId)))
  }

  /** Ends all that are under way, whatever the time. */
  async close(): Promise<void> {
    await this.#end([...this.#underWay])
  }

  async #end(ending: readonly (readonly [string, UnderWay])[]): Promise<number> {
    for (const [, { end }] of ending) end()
    await Promise.all(ending.map(([, { over }]) => over))
    for (const [runId] of ending) this.#underWay.delete(runId)
    return ending.length
  }

  #standIn(name: string): Task {
    const run = ({ run }: { readonly run: TaskRun }) => this.#take(run)
    return defineTask({ name, description: '', payload: z.unknown(), run })
  }

  async #take({ id, scheduleId }: TaskRun): Promise<null> {
    const { lengthMs, now } = this.#options
    if (lengthMs === 0) return null
    const timeoutMs = this.#options.timeoutMs(scheduleId)
    const over = Promise.withResolvers<null>()
    const endsAt = now() + Math.min(lengthMs, timeoutMs ?? lengthMs)
    const end = () => {
      if (timeoutMs !== null && lengthMs > timeoutMs) over.reject(new AttemptTimeout(timeoutMs))
      else over.resolve(null)
    }
    this.#begun.get(id)?.({ endsAt, end })
    return over.promise
  }
}
