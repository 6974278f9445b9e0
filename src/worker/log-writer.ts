import { isRefusedLog, type NewLogLine } from '../store/run-logs.ts'

interface Waiting {
  readonly lines: readonly NewLogLine[]
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/**
 * Writes the logs of all that a worker executes, one statement at a time: what comes meanwhile goes into the next one
 * together. So however slow that is, it takes one connection away from the outcomes of runs, and no more.
 */
export class LogWriter {
  readonly #insert: (lines: readonly NewLogLine[]) => Promise<void>
  #waiting: Waiting[] = []
  #isWriting = false

  constructor(insert: (lines: readonly NewLogLine[]) => Promise<void>) {
    this.#insert = insert
  }

  /** Resolves when the lines are written; rejects with what kept them from being. */
  write(lines: readonly NewLogLine[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ lines, resolve, reject })
    if (!this.#isWriting) void this.#writeAll()
    return promise
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true
    while (this.#waiting.length > 0) await this.#writeTogether(this.#waiting.splice(0))
    this.#isWriting = false
  }

  async #writeTogether(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#insert(batch.flatMap(({ lines }) => lines))
      for (const { resolve } of batch) resolve()
    } catch (error) {
      const isForOthersToo = batch.length > 1 && isRefusedLog(error)
      if (!isForOthersToo) for (const { reject } of batch) reject(error)
      // Lines that are refused must not take those of other runs along.
      else for (const one of batch) await this.#writeTogether([one])
    }
  }
}
