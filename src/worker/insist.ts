import { setTimeout as delay } from 'node:timers/promises'
import type { Events } from '../events.ts'
import { mayPass } from './history.ts'

export interface InsistOptions {
  readonly events: Events
  /** Aborted when it is time to give up. */
  readonly signal: AbortSignal
}

/** Those that came to many at once are told once. */
const told = new WeakSet<object>()

/**
 * Says something to the database however long it is away: an outcome that is not written would be work done twice, and
 * an attempt whose opening went unheard would be nobody's. Gives up when the worker must stop; recovery takes over then.
 */
export async function insist<Answer>({ events, signal }: InsistOptions, say: () => Promise<Answer>): Promise<Answer> {
  for (let retryInMs = 100; ; retryInMs = Math.min(5_000, retryInMs * 2)) {
    try {
      return await say()
    } catch (error) {
      if (signal.aborted || !mayPass(error)) throw error
      const isNew = !(error instanceof Error && told.has(error))
      if (error instanceof Error) told.add(error)
      if (isNew) events.emit('component:failed', { component: 'worker', error, retryInMs })
      await delay(retryInMs)
    }
  }
}
