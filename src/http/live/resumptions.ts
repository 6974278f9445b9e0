import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { reconnectMs } from '../../core/backoff.ts'
import { FewAtATime } from '../../few-at-a-time.ts'
import type { Position } from '../../store/change-position.ts'
import { isUnavailable } from '../../store/postgres-errors.ts'
import type { LiveClient } from './client.ts'
import { type Message, positionMessage, reloadMessage } from './message.ts'

export interface ResumptionsOptions {
  /** What somebody missed who got everything up to `lastEventId`, as messages that lead to `until`. */
  readonly readMissed: (lastEventId: string, until: Position) => Promise<readonly Message[]>
  /** As many clients are caught up at a time: a thousand that come back at once would keep all others waiting. */
  readonly mostAtOnce: number
  readonly log: Logger
}

/** Catches clients up that come back. One for which that takes long, or fails, holds up none of the others. */
export class Resumptions {
  readonly #options: ResumptionsOptions
  readonly #turns: FewAtATime
  readonly #underWay = new Set<Promise<void>>()
  readonly #stopping = new AbortController()

  constructor(options: ResumptionsOptions) {
    this.#options = options
    this.#turns = new FewAtATime(options.mostAtOnce)
  }

  /** From now on the client holds what is new, until it was told what it missed. */
  begin(client: LiveClient, lastEventId: string, until: Position): void {
    client.beginToResume()
    const resumed = this.#resume(client, lastEventId, until).finally(() => this.#underWay.delete(resumed))
    this.#underWay.add(resumed)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#underWay)
  }

  async #resume(client: LiveClient, lastEventId: string, until: Position): Promise<void> {
    const { signal } = this.#stopping
    for (let failures = 1; !client.isGone && !signal.aborted; failures += 1) {
      const messages = await this.#turns.do(() => this.#read(client, lastEventId, until))
      if (messages !== null) {
        client.goLive(messages)
        return
      }
      await delay(reconnectMs(failures, Math.random()), undefined, { signal }).catch(() => {})
    }
  }

  /** Answers null when it is to be tried again later. */
  async #read(client: LiveClient, lastEventId: string, until: Position): Promise<readonly Message[] | null> {
    if (client.isGone || this.#stopping.signal.aborted) return null
    try {
      return [...(await this.#options.readMissed(lastEventId, until)), positionMessage(until)]
    } catch (error) {
      // That Postgres is away is logged by those who poll.
      if (isUnavailable(error)) return null
      this.#options.log.error({ err: error }, 'what a client missed cannot be read; it is to load anew')
      return [reloadMessage('reset', until)]
    }
  }
}
