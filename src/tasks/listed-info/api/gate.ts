/** Lets requests through at the pace that the account is allowed. */
export interface RequestGate {
  /**
   * Waits for a request's turn.
   * @param begun whether pages of the same answer would have been fetched for nothing if this request gave up
   * @throws RetryLaterError where the turn is too far off to keep a worker waiting for it
   */
  enter(begun: boolean, signal: AbortSignal): Promise<void>
  /** Tells everyone who shares the account to stay away for so many milliseconds. */
  close(ms: number): Promise<void>
}

/** For an account that nobody limits. */
export const openGate: RequestGate = {
  enter: async () => undefined,
  close: async () => undefined,
}
