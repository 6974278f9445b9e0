/** An attempt that has not ended by then is opened. */
export const openAfterMs = 5

interface Unopened {
  /** By performance.now(). */
  readonly startedAt: number
  /** Called when it has taken for too long. */
  open(): void
}

/**
 * Knows which tasks end so soon that opening their attempts first would double what is written: those whose latest
 * attempt did. Watches over attempts that are not opened, which is for a few milliseconds.
 */
export class ShortTasks {
  readonly #short = new Set<string>()
  readonly #unopened = new Set<Unopened>()
  #timer: NodeJS.Timeout | undefined

  has(taskName: string): boolean {
    return this.#short.has(taskName)
  }

  /** @param wasShort whether the task ended in time, and had nothing to say before */
  note(taskName: string, wasShort: boolean): void {
    if (wasShort) this.#short.add(taskName)
    else this.#short.delete(taskName)
  }

  watch(attempt: Unopened): void {
    this.#unopened.add(attempt)
    this.#timer ??= setTimeout(() => this.#look(), openAfterMs)
  }

  forget(attempt: Unopened): void {
    this.#unopened.delete(attempt)
  }

  #look(): void {
    this.#timer = undefined
    const now = performance.now()
    // The earliest comes first.
    for (const attempt of this.#unopened) {
      const leftMs = attempt.startedAt + openAfterMs - now
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#look(), leftMs)
        return
      }
      this.#unopened.delete(attempt)
      attempt.open()
    }
  }
}
