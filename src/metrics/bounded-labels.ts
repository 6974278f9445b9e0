/** The values of a label that come from outside: of each owner as many as there may be, and all further ones as `other`. */
export class BoundedLabels {
  readonly #known = new Map<string, Set<string>>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  of(owner: string, value: string): string {
    const known = this.#known.get(owner) ?? new Set()
    this.#known.set(owner, known)
    if (known.has(value)) return value
    if (known.size >= this.#most) return 'other'
    known.add(value)
    return value
  }
}
