import type { Logger } from 'pino'
import type { EventsOptions, LiveEvent } from '../../client/calls.ts'
import { toApiError } from '../to-api-error.ts'
import { LiveFeed } from './feed.ts'
import { follow } from './follow.ts'
import { Notifications } from './notifications.ts'

/** The feed of changes for those in this process, opened when one of them follows it. */
export class OwnFeed {
  readonly #connectionString: string
  readonly #log: Logger
  #opened: { readonly feed: LiveFeed; readonly notifications: Notifications } | undefined

  constructor(connectionString: string, log: Logger) {
    this.#connectionString = connectionString
    this.#log = log
  }

  /** @throws ApiError */
  async *follow(options: EventsOptions): AsyncGenerator<LiveEvent, void> {
    const { feed } = this.#open()
    try {
      yield* follow(feed, options)
    } catch (error) {
      throw toApiError(error)
    }
  }

  async stop(): Promise<void> {
    await this.#opened?.feed.stop()
    await this.#opened?.notifications.stop()
  }

  #open() {
    if (this.#opened !== undefined) return this.#opened
    const about = { connectionString: this.#connectionString, log: this.#log }
    const notifications = new Notifications(about)
    this.#opened = { feed: new LiveFeed({ ...about, notifications }), notifications }
    return this.#opened
  }
}
