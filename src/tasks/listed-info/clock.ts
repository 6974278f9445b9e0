import { setTimeout as timer } from 'node:timers/promises'

/** Where this plug-in takes its time from; tests inject their own and never wait. */
export interface Clock {
  now(): Date
  /**
   * @param ms milliseconds
   * @throws the signal's reason once the signal is aborted
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (ms, signal) => {
    try {
      await timer(ms, undefined, signal ? { signal } : undefined)
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  },
}
