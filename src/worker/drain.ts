/** The worker is stopping and has waited for long enough. */
class WorkerStopped extends Error {
  override readonly name = 'WorkerStopped'
  readonly code = 'worker_stopped'

  constructor() {
    super('the worker was stopped in the middle of this attempt')
  }
}

/** How long a task may take to end once its signal has told it to. */
const heedMs = 2_000

/**
 * How a worker stops: it takes nothing new, then tells tasks to end, then waits for them no longer. A run whose task is
 * not waited for is handed back, so that another worker need not find out that this one is gone.
 */
export class Drain {
  readonly #stopping = new AbortController()
  readonly #tasksToEnd = new AbortController()
  readonly #handBack = new AbortController()
  readonly #drainMs: number
  #timers: NodeJS.Timeout[] = []

  /** @param drainMs how long tasks may go on undisturbed */
  constructor(drainMs: number) {
    this.#drainMs = drainMs
  }

  /** Aborted when the worker is told to stop. */
  get stopping(): AbortSignal {
    return this.#stopping.signal
  }

  /** Aborted when tasks are to end at once. */
  get tasksToEnd(): AbortSignal {
    return this.#tasksToEnd.signal
  }

  /** Aborted when tasks are no longer waited for. */
  get handBack(): AbortSignal {
    return this.#handBack.signal
  }

  begin(): void {
    const reason = new WorkerStopped()
    this.#stopping.abort()
    this.#timers = [
      setTimeout(() => this.#tasksToEnd.abort(reason), this.#drainMs),
      setTimeout(() => this.#handBack.abort(reason), this.#drainMs + heedMs),
    ]
  }

  /** Nothing is under way any more. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }
}
