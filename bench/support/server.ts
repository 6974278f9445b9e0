// The Postgres of a benchmark: one server for all that is compared, durable as it comes.

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { isAlive } from '../../src/dev/postgres/alive.ts'
import { startPostgres } from '../../src/dev/postgres.ts'
import { prepareDatabase } from '../../src/prepare-database.ts'

/** All that differs from what Postgres comes with: fsync and synchronous_commit stay on. */
const serverSettings = { shared_buffers: '1GB', min_wal_size: '2GB', max_wal_size: '8GB', checkpoint_timeout: '30min' }
/** Of 16 MB each. */
const walFiles = 100

export interface BenchServer {
  /** e.g. `18.4` */
  readonly version: string
  /** An empty database; answers where it is. */
  createDatabase(name: string): Promise<string>
  /** One that is ready for schedules. */
  createPreparedDatabase(name: string): Promise<string>
}

/** Lends a server, in a directory on disk that is gone afterwards, even when the benchmark is told to end. */
export async function withServer<Result>(use: (server: BenchServer) => Promise<Result>): Promise<Result> {
  await removeAbandoned()
  const directory = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`))
  const server = await startPostgres({ dataDir: join(directory, 'data'), settings: serverSettings })
  const stop = async () => {
    await server.stop('immediate')
    await rm(directory, { recursive: true, force: true })
  }
  const stopAndEnd = () => void stop().finally(() => process.exit(130))
  process.once('SIGINT', stopAndEnd).once('SIGTERM', stopAndEnd)
  try {
    await withClient(server.connectionString, recycleWal)
    return await use(await lend(server.connectionString))
  } finally {
    process.off('SIGINT', stopAndEnd).off('SIGTERM', stopAndEnd)
    await stop()
  }
}

/** A server that has been running for a while writes its log into files that it has, and need not make new ones. */
async function recycleWal(client: pg.Client): Promise<void> {
  for (let file = 0; file < walFiles; file += 1) {
    await client.query(`select pg_logical_emit_message(false, 'bench', 'next'), pg_switch_wal()`)
  }
  await client.query('checkpoint')
}

async function lend(connectionString: string): Promise<BenchServer> {
  const createDatabase = async (name: string) => {
    await withClient(connectionString, (client) => client.query(`create database ${name}`))
    const url = new URL(connectionString)
    url.pathname = `/${name}`
    return url.href
  }
  const { rows } = await withClient(connectionString, (client) => client.query('show server_version'))
  return {
    version: rows[0].server_version,
    createDatabase,
    async createPreparedDatabase(name) {
      const url = await createDatabase(name)
      await prepareDatabase(url)
      return url
    },
  }
}

/** Lends a connection. */
export async function withClient<Result>(
  connectionString: string,
  use: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString, application_name: 'pgbeat bench' })
  // What breaks a connection fails its next query; it must not end the program, which has a server to stop.
  client.on('error', () => {})
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

const prefix = 'pgbeat-bench-'
/** Longer than any benchmark takes: a process that is not seen may be one of another container with the same directory. */
const abandonedAfterMs = 6 * 3_600_000

/** Those of benchmarks that were killed; a server that still runs there ends by itself once its files are gone. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(/^pgbeat-bench-(\d+)-/.exec(name)?.[1])
    if (Number.isNaN(pid) || isAlive(pid)) continue
    const directory = join(tmpdir(), name)
    const { birthtimeMs } = await stat(directory).catch(() => ({ birthtimeMs: Number.POSITIVE_INFINITY }))
    if (Date.now() - birthtimeMs > abandonedAfterMs)
      await rm(directory, { recursive: true, force: true }).catch(() => {})
  }
}
