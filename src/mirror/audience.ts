/** Who is subscribed connects again by himself when Redis is back, each in his own time. */
const patienceMs = 5_000

/**
 * How many must be subscribed before anything is published: when Redis comes back, as many as before, for a while. What is
 * published to nobody is lost to all but the stream.
 */
export class Audience {
  #usual = 0
  #isAway = false
  #backAt = Number.NEGATIVE_INFINITY

  /** Redis can't be used. */
  left(): void {
    this.#isAway = true
  }

  /** So many are subscribed. While they are coming back, it is not a new usual. */
  seen(subscribers: number): void {
    this.#return()
    if (subscribers >= this.#usual || !this.#isPatient) this.#usual = subscribers
  }

  least(): number {
    this.#return()
    return this.#isPatient ? this.#usual : 0
  }

  get #isPatient(): boolean {
    return performance.now() - this.#backAt < patienceMs
  }

  #return(): void {
    if (this.#isAway) this.#backAt = performance.now()
    this.#isAway = false
  }
}
