/** The attempt took longer than its run's `timeout`. */
export class AttemptTimeout extends Error {
  override readonly name = 'AttemptTimeout'
  readonly code = 'timeout'

  constructor(timeoutMs: number) {
    super(`the attempt took longer than ${timeoutMs / 1000} s`)
  }
}

/** Timers count in 32 bits: about 24 days. */
const longestTimerMs = 2 ** 31 - 1

/** Ends an attempt that takes too long, whether the task heeds the signal or not. */
export class Deadline {
  readonly #abort = new AbortController()
  readonly #timer: NodeJS.Timeout | undefined

  /** @param timeoutMs null = no limit */
  constructor(timeoutMs: number | null) {
    if (timeoutMs === null || timeoutMs > longestTimerMs) return
    this.#timer = setTimeout(() => this.#abort.abort(new AttemptTimeout(timeoutMs)), timeoutMs)
  }

  /** Aborted with AttemptTimeout when the time is over. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  clear(): void {
    clearTimeout(this.#timer)
  }
}
