import type { Job } from 'graphile-worker'
import type { FoundRun } from '../store/attempts.ts'
import type { JobPayload } from '../store/job.ts'
import type { History } from './history.ts'
import type { ShortTasks } from './short-tasks.ts'

interface Looking {
  readonly done: Promise<void>
  found?: Found | undefined
}

interface Found {
  readonly runs: ReadonlyMap<string, FoundRun>
  /** By performance.now(). */
  readonly readAt: number
}

/** What was found is only trusted for so long. */
const goodForMs = 50

/** Looks for the runs of jobs that were fetched, all at once, where that may save the opening of their attempts. */
export class FoundRuns {
  readonly #history: Pick<History, 'find'>
  readonly #shortTasks: ShortTasks
  readonly #looking = new WeakMap<object, Looking>()
  /** Two jobs may stand for one attempt, and only one of them may begin like this. */
  readonly #begun = new Set<string>()

  constructor(history: Pick<History, 'find'>, shortTasks: ShortTasks) {
    this.#history = history
    this.#shortTasks = shortTasks
  }

  /** To be called with what was just fetched. */
  look(jobs: readonly Job[]): void {
    const first = jobs.filter((job) => job.attempts === 1 && this.#shortTasks.has(job.task_identifier))
    if (first.length === 0) return
    const payloads = first.map(({ payload }) => payload as JobPayload)
    const looking: Looking = {
      done: this.#find(payloads).then((found) => {
        looking.found = found
      }),
    }
    for (const job of first) this.#looking.set(job, looking)
  }

  /** Resolves when a job's run was looked for; undefined when that is done, or need not be. */
  ready(job: Job): Promise<void> | undefined {
    const looking = this.#looking.get(job)
    return looking?.found === undefined ? looking?.done : undefined
  }

  /**
   * The run of a job, if its attempt may begin without being opened: the job is delivered for the first time, so that a
   * task which takes its process down is counted when it comes again; the run has more than one attempt, for one that
   * has not is promised to be tried once at most; and no timeout, for that is reckoned from the opening.
   */
  of(job: Job, { run_id }: JobPayload): { run: FoundRun; readAt: number } | undefined {
    const found = this.#looking.get(job)?.found
    if (found === undefined || performance.now() - found.readAt > goodForMs) return undefined
    if (!this.#shortTasks.has(job.task_identifier)) return undefined
    const run = found.runs.get(run_id)
    if (run === undefined || run.maxAttempts === 1 || run.timeoutMs !== null) return undefined
    if (this.#begun.has(run_id)) return undefined
    this.#begun.add(run_id)
    return { run, readAt: found.readAt }
  }

  /** The job is done with. */
  forget({ run_id }: JobPayload): void {
    this.#begun.delete(run_id)
  }

  /** What can't be read now is opened, which takes its time. */
  async #find(payloads: readonly JobPayload[]): Promise<Found | undefined> {
    try {
      const runs = await this.#history.find(payloads)
      return { runs, readAt: performance.now() }
    } catch {
      return undefined
    }
  }
}
