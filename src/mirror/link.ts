import { Redis } from 'ioredis'
import { reconnectMs } from '../core/backoff.ts'
import { reasonOf } from '../reason.ts'

const connectTimeoutMs = 5_000
/** A command that has no answer by then has failed: the network may have gone silent. */
const answerTimeoutMs = 5_000
/** A connection that only listens hears nothing of a network that has gone silent: it is asked this often. */
const askEveryMs = 10_000

export interface LinkOptions {
  readonly url: string
  readonly channel: string
  /** It can be used, at first or again. */
  readonly onReady: () => void
  /** A message came on the channel, whoever sent it. */
  readonly onMessage: (message: string) => void
}

/** Redis can't be used; the cause says why. */
export class RedisUnusableError extends Error {
  override readonly name = 'RedisUnusableError'

  constructor(cause: unknown) {
    super(`Redis can't be used: ${reasonOf(cause)}`, { cause })
  }
}

/** Two connections to Redis, of which one listens; both are opened anew whenever they break. */
export class Link {
  readonly #commands: Redis
  readonly #subscriber: Redis
  readonly #asking: NodeJS.Timeout
  /** Resolves once it can be used, or has failed for the first time. */
  readonly tried: Promise<void>
  #lastError: unknown = new Error('not connected yet')

  constructor({ url, channel, onReady, onMessage }: LinkOptions) {
    this.#commands = connect(url, 'pgbeat-mirror')
    this.#commands.on('ready', () => {
      // The reason for what comes after, unless there is a better one.
      this.#lastError = new Error('the connection was closed')
      onReady()
    })
    this.#commands.on('error', (error) => {
      this.#lastError = error
    })
    this.tried = new Promise((resolve) => {
      this.#commands.once('ready', resolve)
      this.#commands.once('close', () => resolve())
    })
    this.#subscriber = connect(url, 'pgbeat-mirror-listener')
    this.#subscriber.on('error', () => {})
    this.#subscriber.on('ready', () => {
      this.#subscriber.subscribe(channel).catch((error) => {
        this.#lastError = error
      })
    })
    this.#subscriber.on('message', (_channel, message) => onMessage(message))
    this.#asking = setInterval(() => this.#askSubscriber(), askEveryMs)
  }

  /** @throws RedisUnusableError at once while there is no connection */
  async use<Answer>(command: (redis: Redis) => Promise<Answer>): Promise<Answer> {
    if (this.#commands.status !== 'ready') throw new RedisUnusableError(this.#lastError)
    try {
      return await command(this.#commands)
    } catch (error) {
      // What it was told may be done yet; whoever connects again finds out.
      if (error instanceof Error && error.message === 'Command timed out') this.#commands.disconnect(true)
      throw new RedisUnusableError(error)
    }
  }

  end(): void {
    clearInterval(this.#asking)
    this.#commands.disconnect()
    this.#subscriber.disconnect()
  }

  #askSubscriber(): void {
    if (this.#subscriber.status !== 'ready') return
    this.#subscriber.ping().catch(() => this.#subscriber.disconnect(true))
  }
}

function connect(url: string, connectionName: string): Redis {
  return new Redis(url, {
    connectionName,
    connectTimeout: connectTimeoutMs,
    commandTimeout: answerTimeoutMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResubscribe: false,
    // It would take a right that nothing else takes. A Redis that is loading refuses commands by itself.
    enableReadyCheck: false,
    retryStrategy: (times) => reconnectMs(times, Math.random()),
  })
}
