/**
 * Keeps a step from taking the time of what is on time: after it was done, it rests for as long as it took.
 */
export class Pace {
  readonly #leastRestMs: number
  #restsUntil = Number.NEGATIVE_INFINITY
  #isOwed = false

  constructor({ leastRestMs = 0 }: { readonly leastRestMs?: number } = {}) {
    this.#leastRestMs = leastRestMs
  }

  /** Milliseconds until work that came while it rested can be done; infinity when there is none. */
  get owedInMs(): number {
    return this.#isOwed ? Math.max(0, this.#restsUntil - performance.now()) : Number.POSITIVE_INFINITY
  }

  /** Does the work unless it rests; answers undefined then. */
  async run<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    const startedAt = performance.now()
    this.#isOwed = startedAt < this.#restsUntil
    if (this.#isOwed) return undefined
    try {
      return await work()
    } finally {
      const endedAt = performance.now()
      this.#restsUntil = endedAt + Math.max(this.#leastRestMs, endedAt - startedAt)
    }
  }
}
