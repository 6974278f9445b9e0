/** Remembers answers for a while each, and a bounded number of them: the one that came first makes room. */
export class ShortMemory<Answer> {
  readonly #size: number
  readonly #answers = new Map<string, { readonly answer: Answer; readonly until: number }>()

  constructor(size: number) {
    this.#size = size
  }

  /** @param until up to when it may be given, on the clock that `get` is asked by */
  set(question: string, answer: Answer, until: number): void {
    this.#answers.delete(question)
    const [oldest] = this.#answers.size < this.#size ? [] : this.#answers.keys()
    if (oldest !== undefined) this.#answers.delete(oldest)
    this.#answers.set(question, { answer, until })
  }

  /** An answer that still holds. */
  get(question: string, now: number): Answer | undefined {
    const found = this.#answers.get(question)
    return found !== undefined && now < found.until ? found.answer : undefined
  }

  /** The last answer that there was, which may hold no more. */
  recall(question: string): Answer | undefined {
    return this.#answers.get(question)?.answer
  }

  delete(question: string): void {
    this.#answers.delete(question)
  }
}
