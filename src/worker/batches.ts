import { isPassing } from './outcome.ts'

export interface BatchesOptions<Item, Answer> {
  /** Does for all what is asked for, or for none of them. Answers in the order of the items. */
  readonly write: (items: readonly Item[]) => Promise<readonly Answer[]>
  /** Whether an error says nothing about the items, so that each of them would meet it alone too. */
  readonly mayPass?: (error: unknown) => boolean
  /** Of one batch; left out, no bound but the number. */
  readonly weigh?: (item: Item) => number
}

interface Waiting<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (reason: unknown) => void
}

/** Of one statement. */
export const most = { items: 500, weight: 4 * 1024 * 1024 } as const

const waitMs = 5
const atOnce = 2

/**
 * Gathers what is to be written, one statement for many. What comes while nothing is being written goes out with what
 * else comes in the same turn of the event loop; the rest waits until that is done, or for 5 ms, or until there is enough
 * for a statement of its own. An item that is refused is no reason to refuse others: they are written one by one then.
 */
export class Batches<Item, Answer> {
  readonly #options: BatchesOptions<Item, Answer>
  #waiting: Waiting<Item, Answer>[] = []
  #underWay = 0
  #isDue = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: BatchesOptions<Item, Answer>) {
    this.#options = options
  }

  /** Resolves with the answer once it is written; rejects with what kept it from being. */
  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      if (!this.#isDue && (this.#underWay === 0 || this.#isFull)) this.#begin()
      else if (!this.#isDue) this.#timer ??= setTimeout(() => this.#onTimer(), waitMs)
    })
  }

  get #isFull(): boolean {
    return this.#waiting.length >= most.items && this.#underWay < atOnce
  }

  #begin(): void {
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      this.#send()
    })
  }

  #onTimer(): void {
    this.#timer = undefined
    if (!this.#isDue) this.#send()
  }

  #send(): void {
    while (this.#waiting.length > 0 && this.#underWay < atOnce) {
      const batch = this.#take()
      this.#underWay += 1
      void this.#write(batch).finally(() => {
        this.#underWay -= 1
        const isOverdue = this.#timer === undefined
        if (this.#waiting.length > 0 && !this.#isDue && (this.#underWay === 0 || this.#isFull || isOverdue))
          this.#begin()
      })
      if (this.#waiting.length < most.items) break
    }
    if (this.#waiting.length > 0 && this.#underWay < atOnce) {
      this.#timer ??= setTimeout(() => this.#onTimer(), waitMs)
    }
  }

  #take(): Waiting<Item, Answer>[] {
    const weigh = this.#options.weigh
    let count = Math.min(most.items, this.#waiting.length)
    if (weigh !== undefined) {
      let weight = 0
      const heaviest = this.#waiting.findIndex(({ item }, index) => {
        weight += weigh(item)
        return index > 0 && weight > most.weight
      })
      if (heaviest > 0) count = Math.min(count, heaviest)
    }
    return this.#waiting.splice(0, count)
  }

  async #write(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    const { write, mayPass = isPassing } = this.#options
    try {
      const answers = await write(batch.map(({ item }) => item))
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer)
    } catch (error) {
      if (batch.length === 1 || mayPass(error)) for (const { reject } of batch) reject(error)
      else for (const one of batch) await this.#write([one])
    }
  }
}
