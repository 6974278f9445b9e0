import { PermanentError, RetryLaterError } from '../../errors.ts'
import { CoverageError, TransientError } from './api/failures.ts'
import type { DateText } from './calendar.ts'
import type { DayError } from './result.ts'

/** So many days in a row without an answer, each tried several times, and the server is taken to be down. */
const TRANSIENT_IN_A_ROW = 3

type DayFailure = PermanentError | RetryLaterError | TransientError

/** The days of one attempt that did not work, and what follows from them for the days after. */
export class DayFailures {
  readonly #failed = new Map<DateText, DayFailure>()
  #coverage: CoverageError | undefined
  #transientInARow = 0
  #stoppedBy: DayFailure | undefined

  /** Set once no further day is worth a request. */
  get stoppedBy(): DayFailure | undefined {
    return this.#stoppedBy
  }

  /** Whether the plan is known not to cover a day, which then needs no request to fail. */
  foreseen(date: DateText): CoverageError | undefined {
    if (!this.#coverage?.excludes(date)) return undefined
    return new CoverageError(date, this.#coverage.from, this.#coverage.to)
  }

  /** Call for each day that worked. */
  worked(): void {
    this.#transientInARow = 0
  }

  /** @throws the error itself where it is not one of a day but, say, of the database */
  add(date: DateText, error: unknown): void {
    if (!isDayFailure(error)) throw error
    this.#failed.set(date, error)
    if (error instanceof CoverageError) {
      this.#coverage = error
    } else if (!(error instanceof TransientError)) {
      this.#stoppedBy = error
    } else if (++this.#transientInARow >= TRANSIENT_IN_A_ROW) {
      this.#stoppedBy = error
    }
  }

  get count(): number {
    return this.#failed.size
  }

  /** What another attempt may mend. A rate limit goes first, for it says when; a refused key leaves nothing to mend. */
  get retryable(): RetryLaterError | TransientError | undefined {
    if (this.#stoppedBy instanceof PermanentError) return undefined
    const errors = [...this.#failed.values()].filter((error) => !(error instanceof PermanentError))
    return errors.find((error) => error instanceof RetryLaterError) ?? errors[0]
  }

  /** The error that stands for all where no day worked. */
  get worst(): DayFailure | undefined {
    return this.retryable ?? this.#stoppedBy ?? this.#failed.values().next().value
  }

  list(): DayError[] {
    return [...this.#failed].map(([date, { code, message }]) => ({ date, code, message }))
  }
}

function isDayFailure(error: unknown): error is DayFailure {
  return error instanceof PermanentError || error instanceof RetryLaterError || error instanceof TransientError
}
