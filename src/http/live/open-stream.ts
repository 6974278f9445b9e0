import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem } from '../problem.ts'
import type { Listener, LiveFeed } from './feed.ts'

/**
 * Answers with a stream of changes.
 * @throws Problem too_many_streams
 */
export function openStream(
  feed: LiveFeed,
  request: IncomingMessage,
  response: ServerResponse,
  listener: Listener,
): void {
  if (feed.isFull) throw new Problem('too_many_streams', 'there are as many streams as there may be: try again later')
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
  feed.open(response, listener)
}
