// What workers read and write about attempts, many with one statement.

import {
  type AttemptJob,
  type AttemptToOpen,
  byRun,
  type FoundRun,
  findAttempts,
  type OpenedAttempt,
  openAttempts,
} from '../store/attempts.ts'
import type { JobPayload } from '../store/job.ts'
import {
  type ClosedAttempt,
  type ClosedRun,
  closeAttempts,
  type Outcome,
  outcomeOf,
  type UnopenedOutcome,
  writeAttempts,
} from '../store/outcomes.ts'
import { isLocked, isUnavailable } from '../store/postgres-errors.ts'
import type { Db } from '../store/tables.ts'
import { Batches } from './batches.ts'
import { isPassing } from './outcome.ts'

/** An attempt that was made without being opened. */
export interface UnopenedAttempt {
  readonly found: FoundRun
  /** In Unix milliseconds by the database's clock. */
  readonly startedAtMs: number
}

/** The history of runs, as one node writes it. Each answer comes when what it says is in the database. */
export class History {
  readonly #db: Db
  readonly #opening: Batches<AttemptToOpen, OpenedAttempt | null>
  readonly #closing: Batches<Outcome, ClosedRun | null>
  readonly #writing: Batches<UnopenedOutcome, ClosedRun | null>

  constructor({ db, nodeId }: { readonly db: Db; readonly nodeId: string }) {
    this.#db = db
    this.#opening = new Batches<AttemptToOpen, OpenedAttempt | null>({
      mayPass,
      write: async (given) => {
        const opened = await openAttempts(db, nodeId, byRun(given))
        const byJob = new Map(opened.map((attempt) => [`${attempt.jobId} ${attempt.runId}`, attempt]))
        return given.map(({ job, jobId }) => byJob.get(`${jobId} ${job.run_id}`) ?? null)
      },
    })
    const weigh = ({ result, error }: Outcome) => (result?.length ?? 0) + (error?.length ?? 0)
    this.#closing = new Batches<Outcome, ClosedRun | null>({
      mayPass,
      weigh,
      write: async (given) => answers(given, await closeAttempts(db, nodeId, byRun(given))),
    })
    this.#writing = new Batches<UnopenedOutcome, ClosedRun | null>({
      mayPass,
      weigh,
      write: async (given) => answers(given, await writeAttempts(db, nodeId, byRun(given))),
    })
  }

  /** The runs whose attempts may begin, by their ids; nothing is written. */
  async find(jobs: readonly JobPayload[]): Promise<ReadonlyMap<string, FoundRun>> {
    return new Map((await findAttempts(this.#db, jobs)).map((found) => [found.runId, found]))
  }

  /** Null when the attempt is not to be made. */
  open(job: AttemptToOpen): Promise<OpenedAttempt | null> {
    return this.#opening.add(job)
  }

  /** Null when the attempt was no longer this node's. */
  close(job: JobPayload, closing: ClosedAttempt): Promise<ClosedRun | null> {
    return this.#closing.add(outcomeOf(job, closing))
  }

  /** Null when the run has changed since it was found. */
  writeUnopened(
    job: AttemptJob,
    { found, startedAtMs }: UnopenedAttempt,
    closing: ClosedAttempt,
  ): Promise<ClosedRun | null> {
    return this.#writing.add({ ...outcomeOf(job.job, closing), ...job, version: found.version, startedAtMs })
  }
}

/** Whether Postgres may take later what it does not take now: it is away, not promoted yet, or waits for a lock. */
export function mayPass(error: unknown): boolean {
  return isPassing(error) || isUnavailable(error) || isLocked(error)
}

function answers(
  given: readonly Outcome[],
  written: readonly (ClosedRun & { readonly runId: string; readonly attempt: number })[],
): (ClosedRun | null)[] {
  const byAttempt = new Map(written.map((one) => [`${one.runId} ${one.attempt}`, one]))
  return given.map(({ job }) => byAttempt.get(`${job.run_id} ${job.attempt}`) ?? null)
}
