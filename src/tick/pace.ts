/**
 * Keeps a step that grows with what there is to do from taking the time of what is on time: after it was done, it rests
 * for as long as it took.
 */
export class Pace {
  #restsUntil = Number.NEGATIVE_INFINITY
  #isOwed = false

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
      this.#restsUntil = endedAt + (endedAt - startedAt)
    }
  }
}
