/** The first of a list; says how many have passed, and whether there were more. */
export class Limited<Item> implements AsyncIterable<Item> {
  passed = 0
  hasMore = false
  readonly #items: AsyncIterable<Item>
  readonly #limit: number

  constructor(items: AsyncIterable<Item>, limit: number) {
    this.#items = items
    this.#limit = limit
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void> {
    for await (const item of this.#items) {
      this.hasMore = this.passed === this.#limit
      if (this.hasMore) return
      this.passed += 1
      yield item
    }
  }
}

export function limited<Item>(items: AsyncIterable<Item>, limit: number): Limited<Item> {
  return new Limited(items, limit)
}
