import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { Metrics } from '../metrics/metrics.ts'
import { publishMetrics } from '../metrics/publish.ts'
import { describeNode } from '../node.ts'
import type { Running } from '../running.ts'
import { hasKeys } from '../store/api-keys.ts'
import { openPool, overPool } from '../store/database.ts'
import { beat, leave, type Node } from '../store/nodes.ts'
import type { Db } from '../store/tables.ts'
import { Admission } from './admission.ts'
import { createApp } from './app.ts'
import { Catalogue } from './catalogue.ts'
import type { Endpoint } from './endpoint.ts'
import { endpoints } from './endpoints.ts'
import { isLoopback } from './guard.ts'
import { KeyRing } from './key-ring.ts'
import { openApiDocument } from './openapi.ts'
import { limitRate } from './rate-limit.ts'

const beatEveryMs = 1_000
/** A request has arrived within this, headers and all. */
const requestTimeoutMs = 30_000
const headersTimeoutMs = 10_000
/** No statement of a request takes longer; what would is refused. */
const statementTimeoutMs = 15_000

export interface RunApiOptions {
  readonly connectionString: string
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  /** Requests a minute and client; 0 = any number. */
  readonly rateLimit: number
  readonly log: Logger
  /** Published for `/metrics`; left out, they are not. */
  readonly metrics?: Metrics | undefined
}

/** The API can't listen where it was told to; the message says what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

/**
 * Serves the HTTP API.
 * @throws ListenError when the port is taken, or the address is open to others while there are no keys
 */
export async function runApi(options: RunApiOptions): Promise<Running & { readonly url: string }> {
  const { connectionString, host, port, rateLimit, log } = options
  const pool = openPool({ connectionString, applicationName: 'pgbeat api', statementTimeoutMs })
  const db = overPool(pool)
  const own = openPool({ connectionString, applicationName: 'pgbeat api health', maxConnections: 1 })
  const health = overPool(own)
  const keys = new KeyRing(db, { onError: (error) => log.warn({ err: error }, 'last uses of keys not written') })
  const admission = new Admission(keys, isLoopback(host))
  const openApi = JSON.stringify(openApiDocument(endpoints as readonly Endpoint[]))
  const renderMetrics = async () => ({ contentType: 'text/plain', body: '' })
  const services = { db, health, catalogue: new Catalogue(), openApi, renderMetrics, log }
  const gate = { admission, limitRate: limitRate(rateLimit, (request) => admission.clientOf(request)) }
  const server = createServer({ requestTimeout: requestTimeoutMs, headersTimeout: headersTimeoutMs }, createApp(services, gate))
  const closePools = async () => {
    await keys.stop()
    await Promise.all([pool.end(), own.end()])
  }
  try {
    if (!isLoopback(host) && !(await hasKeys(db))) {
      throw new ListenError(
        `PGBEAT_HOST=${host} would open the API to everybody who reaches it: create a key first (pgbeat keys create), or use 127.0.0.1`,
      )
    }
    await listen(server, host, port)
  } catch (error) {
    await closePools()
    throw error
  }
  const node = describeNode('api')
  const heartbeat = await keepBeating(health, node, log)

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    async stop() {
      heartbeat.stop()
      await new Promise((resolve) => {
        server.close(resolve)
        server.closeIdleConnections()
      })
      await leave(health, node.id).catch(() => {})
      await closePools()
    },
  }
}

async function keepBeating(db: Db, node: Node, log: Logger): Promise<{ stop(): void }> {
  let isStopping = false
  let timer: NodeJS.Timeout | undefined
  const beatAgain = async () => {
    await beat(db, node).catch((error) => log.warn({ err: error }, 'no heartbeat'))
    if (!isStopping) timer = setTimeout(beatAgain, beatEveryMs)
  }
  await beatAgain()
  return {
    stop() {
      isStopping = true
      clearTimeout(timer)
    },
  }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE'
      reject(isTaken ? new ListenError(`port ${port} is in use: set PGBEAT_PORT to another one`) : error)
    })
    server.listen(port, host, resolve)
  })
}
