/** Tells messages that came back from those of others: whoever is subscribed to a channel also hears what it says there. */
export class Echoes {
  readonly #expected = new Set<string>()
  readonly #most: number

  /** @param most how many are remembered; those that never come back are forgotten in the end */
  constructor(most = 10_000) {
    this.#most = most
  }

  expect(messages: readonly string[]): void {
    for (const message of messages) this.#expected.add(message)
    for (const oldest of this.#expected) {
      if (this.#expected.size <= this.#most) break
      this.#expected.delete(oldest)
    }
  }

  /** Whether it was expected. */
  hear(message: string): boolean {
    return this.#expected.delete(message)
  }
}
