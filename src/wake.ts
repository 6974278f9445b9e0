/** What ends a sleep. Any number of reasons to wake between two sleeps are one. */
export class Wake {
  #pending = false
  #end: (() => void) | undefined

  now(): void {
    this.#pending = true
    this.#end?.()
  }

  /**
   * Resolves after `ms`, or at once when there was a reason to wake since the last sleep; answers whether there was one.
   */
  async sleep(ms: number): Promise<boolean> {
    if (!this.#pending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        this.#end = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.#end = undefined
    }
    const wasWoken = this.#pending
    this.#pending = false
    return wasWoken
  }
}
