import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { Test } from 'tap'

export interface LiveEvent {
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: data is whatever the server says; tests match parts of it
  readonly data: any
  readonly id: string | undefined
}

/** A client of a stream, as far as it has read. */
export interface Stream {
  readonly status: number
  readonly headers: Headers
  /** All that came so far, `ready` left out. */
  readonly events: LiveEvent[]
  readonly comments: string[]
  readonly retries: number[]
  /** Where it would resume, and undefined before the server said so. */
  readonly lastId: string | undefined
  /** Resolves with the first event that matches, among those that came and those to come. */
  find(matches: (event: LiveEvent) => boolean): Promise<LiveEvent>
  /** Resolves when something holds, asked after whatever comes. */
  until(holds: () => boolean): Promise<void>
  /** Resolves when the server ends the stream, or it breaks. */
  readonly ended: Promise<void>
  close(): void
}

/** Opens a stream, and resolves when the server has said from where on it tells. */
export async function openStream(
  t: Pick<Test, 'teardown'>,
  url: string,
  {
    lastEventId,
    token,
    wait = true,
  }: { lastEventId?: string | undefined; token?: string | undefined; wait?: boolean } = {},
): Promise<Stream> {
  const aborting = new AbortController()
  t.teardown(() => aborting.abort())
  const response = await fetch(url, {
    headers: {
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    signal: aborting.signal,
  })
  const events: LiveEvent[] = []
  const comments: string[] = []
  const retries: number[] = []
  let lastId: string | undefined
  let isReady = false
  const waiting = new Set<() => void>()
  const progress = () => {
    for (const ask of waiting) ask()
  }
  const parser = new EventSourceParserStream({
    onId(id) {
      lastId = id
      isReady = true
    },
    onComment: (comment) => comments.push(comment),
    onRetry: (ms) => retries.push(ms),
  })
  const reading = async () => {
    if (response.body === null) return
    // After each chunk rather than each event: comments and ids are progress too.
    const watched = new TransformStream<string, string>({
      transform(chunk, controller) {
        controller.enqueue(chunk)
        setImmediate(progress)
      },
    })
    const parsed = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(watched).pipeThrough(parser)
    for await (const { event = 'message', data, id } of parsed) {
      if (event !== 'ready') events.push({ event, data: JSON.parse(data), id })
      progress()
    }
  }
  const ended = reading().catch(() => {})
  const until = async (holds: () => boolean) => {
    await new Promise<void>((resolve) => {
      const ask = () => {
        if (!holds()) return
        waiting.delete(ask)
        resolve()
      }
      waiting.add(ask)
      ask()
    })
  }
  const stream: Stream = {
    status: response.status,
    headers: response.headers,
    events,
    comments,
    retries,
    get lastId() {
      return lastId
    },
    async find(matches) {
      await until(() => events.some(matches))
      return events.find(matches) as LiveEvent
    },
    until,
    ended,
    close: () => aborting.abort(),
  }
  if (wait && response.ok) await until(() => isReady)
  return stream
}
