import type { Job } from 'graphile-worker'
import type { FoundRun } from '../store/attempts.ts'
import type { JobPayload } from '../store/job.ts'
import type { History } from './history.ts'
import type { ShortTasks } from './short-tasks.ts'

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
  readonly #looking = new WeakMap<object, Promise<Found | undefined>>()
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
    const looking = this.#find(first.map(({ payload }) => payload as JobPayload))
    for (const job of first) this.#looking.set(job, looking)
  }

  /**
   * The run of a job, if its attempt may begin without being opened: the job is delivered for the first time, so that a
   * task which takes its process down is counted when it comes again; the run has more than one attempt, for one that
   * has not is promised to be tried once at most; and no timeout, for that is reckoned from the opening.
   */
  async of(job: Job, { run_id }: JobPayload): Promise<{ run: FoundRun; readAt: number } | undefined> {
    const found = await this.#looking.get(job)
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
