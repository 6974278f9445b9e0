/**
 * Makes one call of many that come close together: the first is made at once, and those that come within `intervalMs` of
 * the last one made are one at the end of it. The last of a burst is never dropped.
 */
export class Coalescer {
  readonly #call: () => void
  readonly #intervalMs: number
  #calledAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(call: () => void, intervalMs: number) {
    this.#call = call
    this.#intervalMs = intervalMs
  }

  ask(): void {
    if (this.#timer !== undefined) return
    const inMs = this.#calledAt + this.#intervalMs - performance.now()
    if (inMs <= 0) this.#make()
    else this.#timer = setTimeout(() => this.#make(), Math.ceil(inMs))
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #make(): void {
    this.stop()
    this.#calledAt = performance.now()
    this.#call()
  }
}
