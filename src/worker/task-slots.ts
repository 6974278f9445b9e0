/**
 * How many tasks run at once. graphile-worker is given more workers than that, because one of them is done with a job
 * only once its outcome is written; a slot is free as soon as the task is over.
 */
export class TaskSlots {
  #free: number
  #isOpen = false
  #waiting: ((flags: null) => void)[] = []
  readonly #onTaken: () => void

  /** @param onTaken called after a slot was given to somebody who will look for a job now */
  constructor(slots: number, onTaken: () => void) {
    this.#free = slots
    this.#onTaken = onTaken
  }

  /** Takes a slot; a promise when there is none to be had at once. Answers null: no kind of job is excluded. */
  take(): Promise<null> | null {
    if (this.#isOpen) return null
    if (this.#free > 0) {
      this.#free -= 1
      this.#onTaken()
      return null
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free += 1
    else {
      next(null)
      this.#onTaken()
    }
  }

  /** Nobody waits any more, because no jobs are given out. */
  open(): void {
    this.#isOpen = true
    for (const resolve of this.#waiting.splice(0)) resolve(null)
  }
}
