import type { Events } from '../events.ts'
import {
  beginEpoch,
  type MirroredEvent,
  type MirrorPlace,
  mirroredAfter,
  noteSent,
  numberEvents,
} from '../store/mirror.ts'
import type { Db } from '../store/tables.ts'
import { type Appended, append, type Entry } from './append.ts'
import { Audience } from './audience.ts'
import type { Link } from './link.ts'
import { toMessage } from './message.ts'
import { entryId, whereToGoOn } from './stream-place.ts'

/** Redis does nothing else while it takes a batch. */
const mostEvents = 500

export interface MirrorOptions {
  readonly db: Db
  readonly link: Pick<Link, 'use'>
  readonly channel: string
  readonly streamLength: number
  readonly events: Events
  /** Called with messages that are about to be published. */
  readonly onPublish: (messages: readonly string[]) => void
}

/** Copies events to Redis. */
export class Mirror {
  readonly #options: MirrorOptions
  readonly #audience = new Audience()
  /** As the stream was last seen. */
  #lastId = '0-0'
  #lag = 0

  constructor(options: MirrorOptions) {
    this.#options = options
  }

  /** Events that have a number and are not in Redis. */
  get lag(): number {
    return this.#lag
  }

  /**
   * Sends what is new, and what the stream has lost. Answers whether all is in Redis; what waits for subscribers to come
   * back is not.
   * @throws RedisUnusableError having given numbers to what is new
   */
  async pass(): Promise<boolean> {
    const { db } = this.#options
    let place = await numberEvents(db)
    for (;;) {
      this.#lag = place.numbered - place.sent
      const goOn = whereToGoOn(place, this.#lastId)
      if ('above' in goOn) {
        await this.#beginEpoch(goOn.above)
        place = await numberEvents(db)
        continue
      }
      place = await this.#noteSent(place, goOn.after)
      const batch = await this.#nextBatch(place, goOn.after)
      const { isDone, isWaiting } = await this.#append(place, batch)
      if (isDone && batch.length === 0) return true
      if (isWaiting) return false
      // What somebody else has sent has got its number before.
      place = isDone ? await this.#noteSent(place, batch.at(-1)?.number ?? 0) : await numberEvents(db)
    }
  }

  async #beginEpoch(above: number): Promise<void> {
    const { db, events, channel } = this.#options
    await beginEpoch(db, above)
    events.emit('mirror:epoch-began', { channel, lastId: this.#lastId })
  }

  async #noteSent(place: MirrorPlace, number: number): Promise<MirrorPlace> {
    if (number <= place.sent) return place
    await noteSent(this.#options.db, number, this.#options.streamLength)
    return { ...place, sent: number }
  }

  /** What the stream has lost, or else what is new. */
  async #nextBatch({ sent }: MirrorPlace, after: number): Promise<MirroredEvent[]> {
    const batch = await mirroredAfter(this.#options.db, after, mostEvents)
    const lost = batch.filter(({ number }) => number <= sent)
    return lost.length > 0 ? lost : batch
  }

  async #append(place: MirrorPlace, batch: readonly MirroredEvent[]): Promise<Appended & { isWaiting: boolean }> {
    const { channel, streamLength, onPublish } = this.#options
    const entries = batch.map<Entry>((event) => ({
      id: entryId(place, event.number),
      eventId: event.event_id,
      message: toMessage(event),
    }))
    const publishes = batch.length > 0 && batch.every(({ number }) => number > place.sent)
    if (publishes) onPublish(entries.map(({ message }) => JSON.stringify(message)))
    const leastSubscribers = publishes ? this.#audience.least() : 0
    const expected = this.#lastId
    const appended = await this.#options.link
      .use((redis) => append(redis, { channel, after: expected, entries, publishes, leastSubscribers, streamLength }))
      .catch((error) => {
        this.#audience.left()
        throw error
      })
    this.#lastId = appended.lastId
    const isWaiting = !appended.isDone && appended.lastId === expected
    if (!isWaiting) this.#audience.seen(appended.subscribers)
    if (appended.isDone && batch.length > 0) this.#tell(publishes, batch.length, appended.receivers)
    return { ...appended, isWaiting }
  }

  #tell(isPublished: boolean, count: number, receivers: number): void {
    const { events, channel } = this.#options
    if (isPublished) events.emit('mirror:sent', { channel, events: count, receivers })
    else events.emit('mirror:restored', { channel, events: count })
  }
}
