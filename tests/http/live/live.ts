import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { pino } from 'pino'
import type { Test } from 'tap'
import { type Listener, LiveFeed, type LiveFeedOptions } from '../../../src/http/live/feed.ts'
import type { LiveFilter } from '../../../src/http/live/filter.ts'
import { Notifications } from '../../../src/http/live/notifications.ts'
import { openStream as answerWithStream } from '../../../src/http/live/open-stream.ts'
import type { TestDatabase } from '../../support/database.ts'
import { openStream, type Stream } from './stream.ts'

export interface LiveApi {
  readonly url: string
  readonly feed: LiveFeed
  readonly notifications: Notifications
  open(options?: { filter?: LiveFilter; lastEventId?: string | undefined; wait?: boolean }): Promise<Stream>
  stop(): Promise<void>
}

/** A feed and a server of its own: an api process, as far as the feed goes. */
export async function startLive(
  t: Pick<Test, 'teardown'>,
  { connectionString }: Pick<TestDatabase, 'connectionString'>,
  { isStillAllowed = async () => true, ...options }: Partial<LiveFeedOptions & Pick<Listener, 'isStillAllowed'>> = {},
): Promise<LiveApi> {
  const log = pino({ level: 'silent' })
  const notifications = new Notifications({ connectionString, log })
  const feed = new LiveFeed({ connectionString, notifications, log, ...options })
  const app = express()
  app.get('/events', (request, response) => {
    const { filter, last_event_id: inQuery } = request.query
    answerWithStream(feed, request, response, {
      filter: typeof filter === 'string' ? JSON.parse(filter) : {},
      lastEventId: request.get('last-event-id') ?? (typeof inQuery === 'string' ? inQuery : undefined),
      isStillAllowed,
    })
  })
  app.use(((error, _request, response, _next) => {
    response.status(error.status).json({ code: error.code })
  }) satisfies express.ErrorRequestHandler)
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`
  let stopped: Promise<void> | undefined
  const stop = async () => {
    await Promise.all([feed.stop(), notifications.stop()])
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeIdleConnections()
    })
  }
  const stopOnce = () => {
    stopped ??= stop()
    return stopped
  }
  t.teardown(stopOnce)
  return {
    url,
    feed,
    notifications,
    open: ({ filter, ...rest } = {}) =>
      openStream(t, filter === undefined ? url : `${url}?filter=${encodeURIComponent(JSON.stringify(filter))}`, rest),
    stop: stopOnce,
  }
}
