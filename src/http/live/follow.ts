import { parse as parseQuery } from 'node:querystring'
import { PassThrough, Readable } from 'node:stream'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { EventsOptions, LiveEvent } from '../../client/calls.ts'
import { searchOf } from '../../client/request-url.ts'
import { followQuery, toLiveFilter } from '../endpoints/live.ts'
import { parse } from '../requests/parse.ts'
import type { LiveFeed } from './feed.ts'

/**
 * Follows what changes in this process, as a client does over HTTP. A connection to Postgres that is lost is made anew.
 * @throws Problem invalid_request
 */
export async function* follow(
  feed: LiveFeed,
  { lastEventId, query = {}, signal }: EventsOptions,
): AsyncGenerator<LiveEvent, void> {
  const filter = toLiveFilter(parse(followQuery, { ...parseQuery(searchOf(query)) }))
  const stream = new PassThrough()
  const end = () => stream.end()
  signal?.addEventListener('abort', end)
  try {
    if (signal?.aborted) return
    feed.open(stream, { filter, lastEventId, isStillAllowed: async () => true })
    const events = Readable.toWeb(stream)
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream())
    for await (const { id, event, data } of events) {
      if (event !== undefined) yield { id: id ?? '', type: event, data: JSON.parse(data) }
    }
  } finally {
    signal?.removeEventListener('abort', end)
    stream.destroy()
  }
}
