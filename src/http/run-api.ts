import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { Metrics } from '../metrics/metrics.ts'
import { publishMetrics } from '../metrics/publish.ts'
import { describeNode } from '../node.ts'
import type { Running } from '../running.ts'
import { openPool, overPool } from '../store/database.ts'
import { beat, leave } from '../store/nodes.ts'
import { createApp } from './app.ts'
import { isLoopback } from './guard.ts'

const beatEveryMs = 1_000

export interface RunApiOptions {
  readonly connectionString: string
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
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
 * @throws ListenError when the port is taken, or the address is open to others
 */
export async function runApi(options: RunApiOptions): Promise<Running & { readonly url: string }> {
  const { connectionString, host, port, log, metrics } = options
  if (!isLoopback(host)) {
    throw new ListenError(`PGBEAT_HOST=${host} would open the API to everybody who reaches it: use 127.0.0.1`)
  }
  const pool = openPool({ connectionString, applicationName: 'pgbeat api' })
  const db = overPool(pool)
  // Whether Postgres answers must not depend on whether others wait for its locks.
  const own = openPool({ connectionString, applicationName: 'pgbeat api health', maxConnections: 1 })
  const server = createServer(createApp({ db, health: overPool(own), log }))
  try {
    await listen(server, host, port)
  } catch (error) {
    await Promise.all([pool.end(), own.end()])
    throw error
  }
  const node = describeNode('api')
  let isStopping = false
  let timer: NodeJS.Timeout | undefined
  const keepBeating = async () => {
    await beat(overPool(own), node).catch((error) => log.warn({ err: error }, 'no heartbeat'))
    if (!isStopping) timer = setTimeout(keepBeating, beatEveryMs)
  }
  await keepBeating()
  const publishing = metrics && publishMetrics({ db, node, metrics })

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    async stop() {
      isStopping = true
      clearTimeout(timer)
      await new Promise((resolve) => {
        server.close(resolve)
        server.closeIdleConnections()
      })
      await publishing?.stop()
      await leave(overPool(own), node.id).catch(() => {})
      await Promise.all([pool.end(), own.end()])
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
