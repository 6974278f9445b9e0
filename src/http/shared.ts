/** An answer that is asked for once for all who ask at the same time, and taken for true for a while. */
export class Shared<Value> {
  readonly #ask: () => Promise<Value>
  readonly #trustMs: number
  #latest: { readonly value: Promise<Value>; readonly until: number } | undefined

  constructor(ask: () => Promise<Value>, trustMs: number) {
    this.#ask = ask
    this.#trustMs = trustMs
  }

  get(): Promise<Value> {
    const now = performance.now()
    if (this.#latest === undefined || this.#latest.until < now) {
      const asked = { value: this.#ask(), until: now + this.#trustMs }
      this.#latest = asked
      asked.value.catch(() => {
        if (this.#latest === asked) this.forget()
      })
    }
    return this.#latest.value
  }

  /** Has the next one ask anew. */
  forget(): void {
    this.#latest = undefined
  }
}
