/**
 * DESIGN
 *
 * A server, on the loopback interface by default, that answers as the J-Quants API does, for tests and the demo: the same paths,
 * headers, shapes, limits and oddities, with companies that do not exist. What it says depends on its options and its
 * clock alone, so the same question has the same answer on every machine.
 *
 * A request goes: scenario's error → path → key → rate limit → data → scenario's breakage. Scenarios are chosen by the
 * number of the request, so a test tells beforehand which request of a sequence goes wrong, and how.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerMaster } from './master.ts'
import { type Plan, requestsPerMinute } from './plans.ts'
import { errorReply, type Reply, send } from './reply.ts'
import { breakOff, cutShort, leavesUnanswered, type Scenario, scenarioReply } from './scenarios.ts'
import { Throttle } from './throttle.ts'
import { answerCalendar } from './trading-calendar.ts'

export interface StandInOptions {
  /** The address that it listens on. Default: 127.0.0.1. */
  readonly host?: string
  /** Default: any free one. */
  readonly port?: number
  /** What the account has subscribed to: its window of dates, its fields and its rate limit. Default `premium`. */
  readonly plan?: Plan
  /** Default: the plan's; `Infinity` for none. */
  readonly requestsPerMinute?: number
  /** The most bytes of rows a page has. Default 5,000,000. */
  readonly pageBytes?: number
  /** The only key that is accepted. */
  readonly apiKey?: string
  /** What goes wrong with the n-th request, counted from 1. */
  readonly scenarios?: Readonly<Record<number, Scenario>>
  /** Told of each request once it is in `requests`, before it is answered. */
  readonly onRequest?: (request: StandInRequest) => void
  readonly now?: () => Date
}

/** A request that the server has received. */
interface StandInRequest {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly acceptsGzip: boolean
  /** What it was answered with; null where a scenario left it without an answer. */
  readonly status: number | null
}

export interface StandIn {
  /** `http://<host>:<port>`, without a slash at the end. */
  readonly url: string
  readonly apiKey: string
  /** In the order of arrival. */
  readonly requests: readonly StandInRequest[]
  /** Ends open connections, too. */
  close(): Promise<void>
}

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { host = '127.0.0.1', apiKey = 'stand-in-key' } = options
  const requests: StandInRequest[] = []
  const handle = createHandler({ ...options, apiKey }, requests)
  const server = createServer((request, response) => {
    handle(request, response).catch((error: Error) => response.destroy(error))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host}:${port}`,
    apiKey,
    requests,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

function createHandler(options: StandInOptions & { apiKey: string }, requests: StandInRequest[]): Handler {
  const { plan = 'premium', pageBytes = 5_000_000, scenarios = {}, now = () => new Date() } = options
  const throttle = new Throttle(options.requestsPerMinute ?? requestsPerMinute[plan])

  function answer(request: IncomingMessage, url: URL, scenario: Scenario | undefined): Reply {
    const key = request.headers['x-api-key']
    const known = url.pathname === '/v2/equities/master' || url.pathname === '/v2/markets/calendar'
    if (!known || request.method !== 'GET') return errorReply(403, 'The requested endpoint does not exist.')
    if (!key) return errorReply(403, 'The api key is required.')
    if (key !== options.apiKey) return errorReply(403, 'The incoming api key is invalid or expired.')
    if (!throttle.admit(now())) return errorReply(429, 'Too many requests.')
    if (url.pathname === '/v2/markets/calendar') return answerCalendar(url.searchParams, plan, now())
    return answerMaster(url.searchParams, { plan, pageBytes, now: now(), scenario })
  }

  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    const scenario = scenarios[requests.length + 1]
    const reply = (scenario && scenarioReply(scenario)) ?? answer(request, url, scenario)
    const acceptsGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
    const received = {
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      acceptsGzip,
      status: leavesUnanswered(scenario) ? null : reply.status,
    }
    requests.push(received)
    options.onRequest?.(received)
    if (leavesUnanswered(scenario)) breakOff(scenario, response, reply)
    else await send(response, scenario === 'cut-json' ? cutShort(reply) : reply, acceptsGzip)
  }
}
