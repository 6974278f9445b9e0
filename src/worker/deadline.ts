/** The attempt took longer than its run's `timeout`. */
export class AttemptTimeout extends Error {
  override readonly name = 'AttemptTimeout'

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
  /** Rejects with AttemptTimeout when the time is over; never resolves. */
  readonly passed: Promise<never>

  /** @param timeoutMs null = no limit */
  constructor(timeoutMs: number | null) {
    this.passed = new Promise((_resolve, reject) => {
      this.signal.addEventListener('abort', () => reject(this.signal.reason))
    })
    this.passed.catch(() => {})
    if (timeoutMs === null || timeoutMs > longestTimerMs) return
    this.#timer = setTimeout(() => this.#abort.abort(new AttemptTimeout(timeoutMs)), timeoutMs)
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  clear(): void {
    clearTimeout(this.#timer)
  }
}
