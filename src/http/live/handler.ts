import type { Request, RequestHandler } from 'express'
import { Problem } from '../problem.ts'
import type { LiveFeed } from './feed.ts'
import type { LiveFilter } from './filter.ts'

/**
 * Answers with a stream of changes. A client says where to go on in the header Last-Event-ID, or, where it can set none,
 * in the query as `last_event_id`; the header is the newer of the two.
 * @param filterOf reads the filter from a request, and throws what is to be answered when it can't
 */
export function liveHandler(feed: LiveFeed, filterOf: (request: Request) => LiveFilter): RequestHandler {
  return (request, response) => {
    const filter = filterOf(request)
    if (feed.isFull)
      throw new Problem(503, 'too_many_streams', 'there are as many streams as there may be: try again later')
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // nginx would hold it back until it has a page of it.
      'x-accel-buffering': 'no',
      connection: 'close',
    })
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    response.flushHeaders()
    feed.open(response, { filter, lastEventId: lastEventIdOf(request) })
  }
}

function lastEventIdOf({ headers, query }: Request): string | undefined {
  const header = headers['last-event-id']
  const given = header === undefined || header === '' ? query.last_event_id : header
  return typeof given === 'string' && given !== '' ? given : undefined
}
