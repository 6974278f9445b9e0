import type { Running } from '../../running.ts'
import { touchKeys } from '../../store/api-keys.ts'
import type { Db } from '../../store/tables.ts'

export interface LastUsesOptions {
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number
  /** How long after a use it is written, with all that came meanwhile. */
  readonly writeAfterMs: number
  /** Told why the last uses couldn't be written; they are kept, and written at the next opportunity. */
  readonly onError: (error: unknown) => void
}

/** When each key was last used, on its way to the database: reading a schedule must not cost a write. */
export class LastUses implements Running {
  readonly #db: Db
  readonly #options: LastUsesOptions
  #usedAt = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(db: Db, options: LastUsesOptions) {
    this.#db = db
    this.#options = options
  }

  record(keyId: string): void {
    this.#usedAt.set(keyId, this.#options.now())
    this.#writeLater()
  }

  /** Writes what has not been written, once the write before has ended. */
  flush(): Promise<void> {
    const written = this.#writing.then(() => this.#write())
    this.#writing = written.catch(() => {})
    return written
  }

  /** Writes what has not been written and ends the timer. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.flush().catch(this.#options.onError)
  }

  async #write(): Promise<void> {
    const { now } = this.#options
    const taken = this.#usedAt
    this.#usedAt = new Map()
    const writtenAt = now()
    try {
      const uses = [...taken].map(([keyId, at]) => ({ keyId, agoMs: writtenAt - at }))
      for (const { keyId, agoMs } of await touchKeys(this.#db, uses)) this.#keep(keyId, writtenAt - agoMs)
    } catch (error) {
      for (const [keyId, at] of taken) this.#keep(keyId, at)
      throw error
    }
  }

  #keep(keyId: string, at: number): void {
    if (!this.#usedAt.has(keyId)) this.#usedAt.set(keyId, at)
    this.#writeLater()
  }

  #writeLater(): void {
    if (this.#isStopped) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.flush().catch(this.#options.onError)
    }, this.#options.writeAfterMs).unref()
  }
}
