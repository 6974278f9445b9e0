import pg from 'pg'

/** How long the other side may take to hang up. */
const goodbyeMs = 1_000

/**
 * A connection that a network may have cut in two without telling anybody. A statement that is not answered in time
 * (`query_timeout`) ends it, because the next one would wait behind the same answer; and it is closed without waiting
 * long for the other side.
 */
export class Connection extends pg.Client {
  #unanswered: unknown

  constructor(config?: pg.ClientConfig) {
    super(config)
    const query = this.query.bind(this) as (...input: unknown[]) => unknown
    const watched = (...input: unknown[]) => {
      const answer = this.#unanswered === undefined ? query(...input) : Promise.reject(this.#unanswered)
      if (answer instanceof Promise) answer.catch((error) => this.#endIfUnanswered(error))
      return answer
    }
    this.query = watched as typeof this.query
  }

  override end(): Promise<void>
  override end(callback: (error: Error) => void): void
  override end(callback?: (error: Error) => void): Promise<void> | void {
    const timer = setTimeout(() => this.connection.stream.destroy(), goodbyeMs).unref()
    this.once('end', () => clearTimeout(timer))
    return callback === undefined ? super.end() : super.end(callback)
  }

  /** What comes next, a rollback for instance, fails for the same reason. */
  async #endIfUnanswered(error: unknown): Promise<void> {
    if (!isUnanswered(error)) return
    this.#unanswered = error
    await this.end()
  }
}

/** Whether pg has waited for an answer for as long as it may. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout'
}
