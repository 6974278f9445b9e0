import type { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Logger } from 'pino'
import { reconnectMs } from '../../core/backoff.ts'
import type { Running } from '../../running.ts'
import { encodeBookmark, type Position } from '../../store/change-position.ts'
import { mostReadersOfChanges, openChangesPool } from '../../store/changes.ts'
import { overPreparing } from '../../store/prepared-statements.ts'
import type { Db } from '../../store/tables.ts'
import { Wake } from '../../wake.ts'
import { LiveClient } from './client.ts'
import { ChangeCursor } from './cursor.ts'
import type { LiveFilter } from './filter.ts'
import { reloadMessage } from './message.ts'
import { readMissed } from './missed.ts'
import type { Notifications } from './notifications.ts'
import { Resumptions } from './resumptions.ts'
import { toWire } from './sse.ts'

export interface LiveFeedOptions {
  readonly connectionString: string
  readonly notifications: Notifications
  readonly log: Logger
  /** How often changes are asked for while there are clients; those of schedules are told of at once. */
  readonly pollEveryMs?: number
  readonly heartbeatEveryMs?: number
  readonly mostClients?: number
  /** A client that has more than this unsent when there is something new for it is dropped. */
  readonly mostUnsentBytes?: number
}

const defaults = {
  pollEveryMs: 250,
  heartbeatEveryMs: 15_000,
  mostClients: 1_000,
  mostUnsentBytes: 1024 * 1024,
}
/** Between two questions to Postgres, however many hints there are. */
const shortestRestMs = 25
/** A rest is at least this many times as long as the question took: where there is much to look through, ask less often. */
const restPerAsking = 4
/** For clients that lost their stream. */
const retryMs = 3_000
/** For clients to take what is unsent when their stream ends. */
const graceMs = 500

export interface Listener {
  readonly filter: LiveFilter
  /** Where a client wants to go on; undefined = from now on. */
  readonly lastEventId: string | undefined
  /** Whether a client may still read the stream, asked now and then; throws when that can't be known. */
  readonly isStillAllowed: () => Promise<boolean>
}

/**
 * The live feed: asks Postgres what has changed while anybody wants to know, once for all clients. While Postgres is away
 * the streams stay open, and go on where they were.
 */
export class LiveFeed implements Running {
  readonly #options: LiveFeedOptions & typeof defaults
  readonly #pool: pg.Pool
  readonly #db: Db
  readonly #cursor: ChangeCursor
  readonly #resumptions: Resumptions
  readonly #clients = new Set<LiveClient>()
  readonly #wake = new Wake()
  readonly #stopping = new AbortController()
  readonly #unsubscribe: () => void
  #isPolling = false
  #polled = Promise.resolve()
  #heart: NodeJS.Timeout | undefined

  constructor(options: LiveFeedOptions) {
    this.#options = { ...defaults, ...options }
    this.#pool = openChangesPool(options.connectionString)
    this.#db = overPreparing(this.#pool)
    this.#cursor = new ChangeCursor(this.#db)
    this.#resumptions = new Resumptions({
      readMissed: (lastEventId, until) => readMissed(this.#db, lastEventId, until),
      mostAtOnce: mostReadersOfChanges - 1,
      log: options.log,
    })
    const onHint = () => this.#wake.now()
    this.#unsubscribe = options.notifications.subscribe('pgbeat_schedules', {
      onNotification: onHint,
      onListening: onHint,
    })
  }

  /** How many streams are open. */
  get clients(): number {
    return this.#clients.size
  }

  /** Whether there are as many streams as there may be. */
  get isFull(): boolean {
    return this.#clients.size >= this.#options.mostClients
  }

  /** Whether Postgres is asked for changes: as long as anybody wants them. */
  get isPolling(): boolean {
    return this.#isPolling
  }

  /** Makes a response, of which the headers are sent if it has any, a stream of changes. */
  open(response: Writable, listener: Listener): void {
    if (this.#stopping.signal.aborted || response.destroyed) {
      response.end()
      return
    }
    const client = new LiveClient({ response, ...listener, mostUnsentBytes: this.#options.mostUnsentBytes })
    this.#clients.add(client)
    response.on('close', () => this.#forget(client))
    client.sendAside(toWire({ retry: retryMs }))
    this.#heart ??= setInterval(() => this.#beat(), this.#options.heartbeatEveryMs)
    this.#wake.now()
    if (this.#isPolling) return
    this.#isPolling = true
    this.#polled = this.#poll()
  }

  /** Ends the streams of those who may not read them any more. */
  recheckAccess(): void {
    for (const client of this.#clients) void endIfRefused(client)
  }

  /** Ends all streams, and resolves when they are closed. */
  async stop(): Promise<void> {
    this.#unsubscribe()
    this.#stopping.abort()
    this.#wake.now()
    await Promise.all([...this.#clients].map((client) => client.end(graceMs)))
    await Promise.all([this.#polled, this.#resumptions.stop()])
    await this.#pool.end()
  }

  #forget(client: LiveClient): void {
    this.#clients.delete(client)
    if (this.#clients.size > 0) return
    clearInterval(this.#heart)
    this.#heart = undefined
    this.#wake.now()
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopping
    let failures = 0
    while (this.#clients.size > 0 && !signal.aborted) {
      const startedAt = performance.now()
      // Those who come while Postgres is asked may be further than what it answers.
      const joining = [...this.#clients].filter(({ isJoining }) => isJoining)
      try {
        const { messages, position } = await this.#cursor.next()
        failures = 0
        for (const client of this.#clients) client.deliver(messages)
        for (const client of joining) this.#admit(client, position)
        await this.#sleep(performance.now() - startedAt)
      } catch (error) {
        failures += 1
        const retryInMs = reconnectMs(failures, Math.random())
        this.#options.log.warn({ err: error, retryInMs }, 'no changes from Postgres')
        await this.#wake.sleep(retryInMs)
      }
    }
    this.#cursor.forget()
    this.#isPolling = false
  }

  async #sleep(askedForMs: number): Promise<void> {
    const restMs = Math.max(shortestRestMs, askedForMs * restPerAsking)
    await delay(restMs, undefined, { signal: this.#stopping.signal }).catch(() => {})
    await this.#wake.sleep(Math.max(0, this.#options.pollEveryMs - restMs))
  }

  #admit(client: LiveClient, position: Position): void {
    const { lastEventId } = client
    if (lastEventId === undefined) {
      client.goLive([reloadMessage('ready', position)])
      return
    }
    this.#resumptions.begin(client, lastEventId, position)
  }

  #beat(): void {
    this.recheckAccess()
    this.#showAlive()
  }

  /** Shows that the stream is alive, and where to resume: a client whose filter lets little pass would fall far behind. */
  #showAlive(): void {
    const { position } = this.#cursor
    const alive = { comment: 'alive' }
    const anywhere = toWire(alive)
    const live = position === undefined ? anywhere : toWire({ ...alive, id: encodeBookmark({ position }) })
    for (const client of this.#clients) client.sendAside(client.isLive ? live : anywhere)
  }
}

async function endIfRefused(client: LiveClient): Promise<void> {
  // Who was let in stays while nobody can say otherwise.
  const isAllowed = await client.isStillAllowed().catch(() => true)
  if (!isAllowed) await client.end(graceMs)
}
