const MINUTE_MS = 60_000
const BLOCK_MS = 5 * MINUTE_MS
/** Asking so many times as often as allowed within a minute blocks the account. */
const HEAVY = 2

/** Counts an account's requests as J-Quants does: so many in any minute, and a block for who doesn't stop. */
export class Throttle {
  readonly #limit: number
  #asked: { at: number; served: boolean }[] = []
  #blockedUntil = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Whether a request at this instant is served; every call counts as one. */
  admit(now: Date): boolean {
    const at = now.getTime()
    if (at < this.#blockedUntil) return false
    this.#asked = this.#asked.filter((request) => request.at > at - MINUTE_MS)
    const served = this.#asked.filter((request) => request.served).length < this.#limit
    this.#asked.push({ at, served })
    if (this.#asked.length > this.#limit * HEAVY) this.#blockedUntil = at + BLOCK_MS
    return served
  }
}
