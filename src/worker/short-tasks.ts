/** What takes longer than this is not short, even if nothing else came to its turn. */
const shortMs = 5

interface Begun {
  /** By performance.now(). */
  readonly startedAt: number
  /** Called when it goes on after its first turn of the event loop. */
  open(): void
}

/**
 * Knows which tasks end before the event loop turns, and so before anything that they might have asked of anybody is
 * answered: those whose latest attempt did. Their attempts may begin without being opened, and are when they go on.
 */
export class ShortTasks {
  readonly #short = new Set<string>()
  readonly #begun = new Set<Begun>()
  #isWatching = false

  has(taskName: string): boolean {
    return this.#short.has(taskName)
  }

  begin(attempt: Begun): void {
    this.#begun.add(attempt)
    if (this.#isWatching) return
    this.#isWatching = true
    setImmediate(() => {
      this.#isWatching = false
      for (const one of this.#begun) one.open()
      this.#begun.clear()
    })
  }

  /** @param isSilent whether it has asked for nothing that takes an open attempt */
  end(taskName: string, attempt: Begun, isSilent: boolean): void {
    const isInTime = this.#begun.delete(attempt) && performance.now() - attempt.startedAt < shortMs
    if (isInTime && isSilent) this.#short.add(taskName)
    else this.#short.delete(taskName)
  }
}
