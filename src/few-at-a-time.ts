/** Does at most so many things at the same time; the others wait for their turn, in order. */
export class FewAtATime {
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  #underWay = 0

  constructor(most: number) {
    this.#most = most
  }

  async do<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#underWay >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#underWay += 1
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#underWay -= 1
      else next()
    }
  }
}
