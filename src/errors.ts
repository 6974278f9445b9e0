/** Thrown by a task that would fail the same way again: the run fails now, without another try. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError'
  /** A stable, short name of what went wrong, kept as `error.code` of the run. */
  readonly code: string

  /** @param code snake_case, at most 100 characters */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Thrown by a task that knows when it is worth trying again; the worker is free meanwhile. */
export class RetryLaterError extends Error {
  override readonly name = 'RetryLaterError'
  readonly code: string
  /** Milliseconds from now until the next attempt may start. */
  readonly delayMs: number

  constructor(code: string, message: string, delayMs: number, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.delayMs = delayMs
  }
}
