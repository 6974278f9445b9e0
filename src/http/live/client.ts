import type { Writable } from 'node:stream'
import { isWanted, type LiveFilter } from './filter.ts'
import type { Message } from './message.ts'

export interface LiveClientOptions {
  readonly response: Writable
  readonly filter: LiveFilter
  /** What the client sent as Last-Event-ID. */
  readonly lastEventId: string | undefined
  /** Whether the client may still read the stream; throws when that can't be known. */
  readonly isStillAllowed: () => Promise<boolean>
  /** With more than this unsent when there is something new to send, it is dropped. */
  readonly mostUnsentBytes: number
}

/** Messages that may wait for what a client missed to be told first. */
const mostHeld = 10_000

/** One stream. It begins without a place in the changes, is told what it missed, if anything, and then all that is new. */
export class LiveClient {
  readonly lastEventId: string | undefined
  readonly isStillAllowed: () => Promise<boolean>
  readonly #response: Writable
  readonly #filter: LiveFilter
  readonly #mostUnsentBytes: number
  #state: 'joining' | 'resuming' | 'live' = 'joining'
  #held: Message[] = []

  constructor({ response, filter, lastEventId, isStillAllowed, mostUnsentBytes }: LiveClientOptions) {
    this.#response = response
    this.#filter = filter
    this.lastEventId = lastEventId
    this.isStillAllowed = isStillAllowed
    this.#mostUnsentBytes = mostUnsentBytes
    // A peer that is gone shows as `close`; nobody need know how.
    response.on('error', () => {})
  }

  get isJoining(): boolean {
    return this.#state === 'joining'
  }

  get isLive(): boolean {
    return this.#state === 'live'
  }

  get isGone(): boolean {
    return this.#response.destroyed || this.#response.writableEnded
  }

  /** From now on new messages wait for `catchUp`. */
  beginToResume(): void {
    this.#state = 'resuming'
  }

  /** Tells what the client missed, then what has come meanwhile; from then on it gets what is new at once. */
  goLive(missed: readonly Message[]): void {
    this.#state = 'live'
    this.#write([...missed, ...this.#held])
    this.#held = []
  }

  /** Sends what is new, as far as the client wants it. */
  deliver(messages: readonly Message[]): void {
    if (this.#state === 'live') this.#write(messages)
    else if (this.#state === 'resuming') {
      this.#held.push(...messages)
      if (this.#held.length > mostHeld) this.drop()
    }
  }

  /** Sends what is part of no order. */
  sendAside(wire: Buffer): void {
    if (!this.#isTooSlow()) this.#response.write(wire)
  }

  /** Ends the stream without waiting for what is unsent. */
  drop(): void {
    this.#response.destroy()
  }

  /** Ends the stream; resolves when it is closed, which takes as long as the client takes for what is unsent. */
  async end(longestMs: number): Promise<void> {
    const closed = new Promise((resolve) => this.#response.once('close', resolve))
    const timer = setTimeout(() => this.drop(), longestMs)
    this.#response.end()
    await closed
    clearTimeout(timer)
  }

  #write(messages: readonly Message[]): void {
    const wanted = messages.filter(({ subject }) => subject === null || isWanted(subject, this.#filter))
    if (wanted.length === 0 || this.#isTooSlow()) return
    // All of them, however large: what is unsent by the time of the next ones is what shows a slow client.
    this.#response.cork()
    for (const { wire } of wanted) this.#response.write(wire)
    this.#response.uncork()
  }

  /** Drops a client that has not read what it was sent before. */
  #isTooSlow(): boolean {
    if (this.#response.writableLength > this.#mostUnsentBytes) this.drop()
    return this.isGone
  }
}
