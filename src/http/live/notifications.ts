import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Logger } from 'pino'
import { reconnectMs } from '../../core/backoff.ts'
import { listen } from '../../store/database.ts'
import { openListener } from '../../store/listener.ts'

export interface Subscriber {
  /** Something was sent on the channel. */
  readonly onNotification: (payload: string) => void
  /** It listens from now on, at first or again: what was sent before this may have been missed. */
  readonly onListening?: (() => void) | undefined
}

export interface NotificationsOptions {
  readonly connectionString: string
  readonly log: Logger
}

/** What Postgres sends on channels, over one session for the whole process; one that breaks is replaced. */
export class Notifications {
  readonly #options: NotificationsOptions
  readonly #subscribers = new Map<string, Set<Subscriber>>()
  readonly #stopping = new AbortController()
  readonly #stopped: Promise<void>
  #session: pg.Client | undefined

  constructor(options: NotificationsOptions) {
    this.#options = options
    this.#stopped = this.#keepListening()
  }

  /** Answers what ends the subscription. */
  subscribe(channel: string, subscriber: Subscriber): () => void {
    const known = this.#subscribers.get(channel)
    const subscribers = known ?? new Set()
    this.#subscribers.set(channel, subscribers.add(subscriber))
    if (this.#session !== undefined) {
      // A session that fails here is broken, and the next one listens to all channels.
      const listening = known === undefined ? listen(this.#session, [channel]) : Promise.resolve()
      listening.then(() => subscriber.onListening?.()).catch(() => {})
    }
    return () => subscribers.delete(subscriber)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#stopped
  }

  async #keepListening(): Promise<void> {
    const { signal } = this.#stopping
    let failures = 0
    while (!signal.aborted) {
      try {
        await this.#listenUntilBroken(() => {
          failures = 0
        })
      } catch (error) {
        failures += 1
        const retryInMs = reconnectMs(failures, Math.random())
        this.#options.log.warn({ err: error, retryInMs }, 'no notifications from Postgres')
        await delay(retryInMs, undefined, { signal }).catch(() => {})
      }
    }
  }

  /** Returns when told to stop. @throws when the session can't be opened, or breaks */
  async #listenUntilBroken(onListening: () => void): Promise<void> {
    const { signal } = this.#stopping
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const end = () => resolve()
    signal.addEventListener('abort', end)
    const opening = openListener(this.#options.connectionString, 'pgbeat api notifications', [])
    try {
      const session = await Promise.race([opening, ended])
      if (session === undefined) return
      session.on('notification', ({ channel, payload }) => this.#tell(channel, payload ?? ''))
      session.on('end', end)
      // From here on who subscribes to another channel has the session listen to it.
      this.#session = session
      await Promise.race([listen(session, [...this.#subscribers.keys()]), ended])
      onListening()
      this.#tellListening()
      await ended
      if (!signal.aborted) throw new Error('the session broke')
    } finally {
      this.#session = undefined
      signal.removeEventListener('abort', end)
      // Not waited for: the peer of a broken session never answers.
      opening.then((session) => session.end()).catch(() => {})
    }
  }

  #tell(channel: string, payload: string): void {
    for (const { onNotification } of this.#subscribers.get(channel) ?? []) onNotification(payload)
  }

  #tellListening(): void {
    for (const subscribers of this.#subscribers.values()) {
      for (const { onListening } of subscribers) onListening?.()
    }
  }
}
