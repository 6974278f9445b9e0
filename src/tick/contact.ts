/** Longer than a tick ever goes without an answer of Postgres while all is well. */
const longestGapMs = 3_000

/**
 * How long a tick has been in touch with Postgres without a gap. After an outage, or a stall that held everybody up,
 * every worker looks dead until it has had the time to come back: who was away as well can't tell.
 */
export class Contact {
  #since = Number.NaN
  #lastAt = Number.NEGATIVE_INFINITY

  /** Postgres has just answered. */
  made(): void {
    const now = performance.now()
    if (now - this.#lastAt > longestGapMs) this.#since = now
    this.#lastAt = now
  }

  /** Milliseconds, up to the last answer. */
  get forMs(): number {
    return this.#lastAt - this.#since
  }
}
