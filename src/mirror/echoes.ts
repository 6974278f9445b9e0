/** Tells messages that came back from those of others: whoever is subscribed to a channel also hears what it says there. */
export class Echoes {
  readonly #expected = new Map<string, number>()
  readonly #most: number

  /** @param most how many are remembered; those that never come back are forgotten in the end */
  constructor(most = 10_000) {
    this.#most = most
  }

  expect(messages: readonly string[]): void {
    for (const message of messages) {
      const count = (this.#expected.get(message) ?? 0) + 1
      this.#expected.delete(message)
      this.#expected.set(message, count)
    }
    for (const oldest of this.#expected.keys()) {
      if (this.#expected.size <= this.#most) break
      this.#expected.delete(oldest)
    }
  }

  /** Whether it was expected. */
  hear(message: string): boolean {
    const count = this.#expected.get(message)
    if (count === undefined) return false
    if (count === 1) this.#expected.delete(message)
    else this.#expected.set(message, count - 1)
    return true
  }
}
