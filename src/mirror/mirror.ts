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
import { type Append, type Appended, append, type Entry } from './append.ts'
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
   * Sends what is new, and what the stream has lost.
   * @throws RedisUnusableError having given numbers to what is new
   */
  async pass(): Promise<void> {
    const { db, events } = this.#options
    let place = await numberEvents(db)
    for (let isUpToDate = false; !isUpToDate; ) {
      this.#lag = place.numbered - place.sent
      const goOn = whereToGoOn(place, this.#lastId)
      if ('above' in goOn) {
        events.emit('mirror:epoch-began', { channel: this.#options.channel, lastId: this.#lastId })
        place = await beginEpoch(db, goOn.above)
        continue
      }
      if (goOn.after > place.sent) {
        await noteSent(db, goOn.after, this.#options.streamLength)
        place = { ...place, sent: goOn.after }
      }
      const batch = await this.#nextBatch(place, goOn.after)
      const { isDone } = await this.#append(place, batch)
      isUpToDate = isDone && batch.length === 0
      if (isDone) place = await this.#note(place, batch)
    }
  }

  /** What the stream has lost, or else what is new. */
  async #nextBatch({ sent }: MirrorPlace, after: number): Promise<MirroredEvent[]> {
    const batch = await mirroredAfter(this.#options.db, after, mostEvents)
    const lost = batch.filter(({ number }) => number <= sent)
    return lost.length > 0 ? lost : batch
  }

  async #append(place: MirrorPlace, batch: readonly MirroredEvent[]): Promise<Appended> {
    const { channel, streamLength, link, onPublish, events } = this.#options
    const entries = batch.map<Entry>((event) => ({
      id: entryId(place, event.number),
      eventId: event.event_id,
      message: toMessage(event),
    }))
    const publishes = isNew(place, batch)
    if (publishes) onPublish(entries.map(({ message }) => JSON.stringify(message)))
    const task: Append = { channel, after: this.#lastId, entries, publishes, streamLength }
    const appended = await link.use((redis) => append(redis, task))
    this.#lastId = appended.lastId
    if (appended.isDone && batch.length > 0) {
      if (publishes) events.emit('mirror:sent', { channel, events: batch.length, receivers: appended.receivers })
      else events.emit('mirror:restored', { channel, events: batch.length })
    }
    return appended
  }

  async #note(place: MirrorPlace, batch: readonly MirroredEvent[]): Promise<MirrorPlace> {
    const sent = batch.at(-1)?.number ?? 0
    if (sent <= place.sent) return place
    await noteSent(this.#options.db, sent, this.#options.streamLength)
    return { ...place, sent }
  }
}

function isNew({ sent }: MirrorPlace, batch: readonly MirroredEvent[]): boolean {
  return batch.every(({ number }) => number > sent)
}
