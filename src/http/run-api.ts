import { createServer } from 'node:http'
import type { Logger } from 'pino'
import { createEvents } from '../events.ts'
import { createMetrics, type Metrics } from '../metrics/metrics.ts'
import { publishMetrics } from '../metrics/publish.ts'
import { renderMetrics } from '../metrics/render.ts'
import { describeNode } from '../node.ts'
import type { Running } from '../running.ts'
import { apiKeysChannel, hasKeys } from '../store/api-keys.ts'
import { Probe } from '../store/probe.ts'
import { readQueue } from '../store/queue.ts'
import { readStats } from '../store/stats.ts'
import { Admission } from './access/admission.ts'
import { isLoopback } from './access/foreign-pages.ts'
import { KeyRing } from './access/key-ring.ts'
import { limitRate } from './access/rate-limit.ts'
import { createApp } from './app.ts'
import { Catalogue } from './catalogue.ts'
import type { DoctorReport } from './endpoints/doctor.ts'
import { endpoints } from './endpoints.ts'
import { keepBeating } from './heartbeat.ts'
import { close, ListenError, listen } from './listen.ts'
import { LiveFeed } from './live/feed.ts'
import { Notifications } from './live/notifications.ts'
import { openApiDocument } from './openapi.ts'
import { openPools } from './pools.ts'
import type { HttpServices } from './services.ts'
import { Shared } from './shared.ts'

/** A request has arrived within this, headers and all. */
const requestTimeout = 30_000
const headersTimeout = 10_000
const probePatienceMs = 1_000
const figuresTrustedForMs = 2_000
const diagnosisTrustedForMs = 15_000

export interface RunApiOptions {
  readonly connectionString: string
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  /** Requests a minute and client; 0 = any number. */
  readonly rateLimit: number
  /** IANA name: the time zone of a schedule that is created without one; left out, UTC. */
  readonly timezone?: string
  readonly log: Logger
  /** What the doctor says of this process and what it works with. */
  readonly diagnose: () => Promise<DoctorReport>
  /** How long what is known of a key is taken for true without being told of changes. */
  readonly keysTrustedForMs?: number
  /** What this process has counted; published for `/metrics` of others, too. */
  readonly metrics?: Metrics | undefined
}

/**
 * Serves the HTTP API.
 * @throws ListenError when the port is taken, or the address is open to others while there are no keys
 */
export async function runApi(options: RunApiOptions): Promise<Running & { readonly url: string }> {
  const {
    connectionString,
    host,
    port,
    rateLimit,
    log,
    diagnose,
    timezone = 'UTC',
    metrics = createMetrics(createEvents()),
  } = options
  const pools = openPools(connectionString)
  const probe = new Probe(connectionString, 'pgbeat api health', probePatienceMs)
  const notifications = new Notifications({ connectionString, log })
  const feed = new LiveFeed({ connectionString, notifications, log })
  const keys = new KeyRing(pools.lookups, {
    ...(options.keysTrustedForMs !== undefined && { trustMs: options.keysTrustedForMs }),
    onError: (error) => log.warn({ err: error }, 'last uses of keys not written'),
  })
  const onKeysChanged = () => {
    keys.forget()
    feed.recheckAccess()
  }
  notifications.subscribe(apiKeysChannel, { onNotification: onKeysChanged, onListening: onKeysChanged })
  const admission = new Admission(keys, isLoopback(host))

  const services: HttpServices = {
    db: pools.reads,
    writes: pools.writes,
    probe,
    admission,
    timezone,
    catalogue: new Catalogue(pools.lookups),
    forgetKeys: () => admission.forget(),
    feed,
    openApi: JSON.stringify(openApiDocument(endpoints)),
    diagnosis: new Shared(diagnose, diagnosisTrustedForMs),
    overview: new Shared(() => readStats(pools.figures), figuresTrustedForMs),
    queue: new Shared(() => readQueue(pools.figures), figuresTrustedForMs),
    metricsText: () => renderMetrics(pools.figures, metrics),
  }
  const gate = { admission, limitRate: limitRate(rateLimit, (request) => admission.clientOf(request)) }
  const app = createApp({ services, gate, log, observe: metrics.observeRequest })
  const server = createServer({ requestTimeout, headersTimeout }, app)

  const closeConnections = async () => {
    await Promise.all([notifications.stop(), keys.stop(), probe.stop()])
    await pools.end()
  }
  try {
    if (!isLoopback(host) && !(await hasKeys(pools.lookups))) throw new ListenError(whyClosed(host))
    const url = await listen(server, host, port)
    const node = describeNode('api')
    const heartbeat = await keepBeating(pools.node, node, log)
    const publishing = publishMetrics({ db: pools.node, node, metrics })
    return {
      url,
      async stop() {
        // Streams end, or the server would wait for them.
        await Promise.all([feed.stop(), close(server)])
        await publishing.stop()
        await heartbeat.stop()
        await closeConnections()
      },
    }
  } catch (error) {
    await feed.stop()
    await closeConnections()
    throw error
  }
}

function whyClosed(host: string): string {
  return `PGBEAT_HOST=${host} would open the API to everybody who reaches it: create a key first (pgbeat keys create --role admin), or use 127.0.0.1`
}
