import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from '../../src/dev/postgres/alive.ts'
import { startPostgres } from '../../src/dev/postgres.ts'

/** What a server that is thrown away may do to be fast, and as many connections as the suite may need. */
const settings = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  max_connections: '300',
  shared_buffers: '256MB',
  max_wal_size: '4GB',
}

export interface TestServer {
  connectionString: string
  /** Stops it and starts it again, at the same address. */
  restart(mode: 'fast' | 'immediate', whileDown?: () => Promise<void>): Promise<void>
  stop(): Promise<void>
}

/**
 * A server in a directory of its own that is gone after `stop`.
 * @param overrides settings of Postgres that differ from the usual ones
 */
export async function startTestServer(overrides: Record<string, string> = {}): Promise<TestServer> {
  const parent = await fastDirectory()
  await removeAbandoned(parent)
  const directory = await mkdtemp(join(parent, `${PREFIX}${process.pid}-`))
  const options = { dataDir: join(directory, 'data'), settings: { ...settings, ...overrides } }
  const server = await startPostgres(options)
  const restart: TestServer['restart'] = async (mode, whileDown) => {
    await server.stop(mode)
    await whileDown?.()
    await startPostgres({ ...options, port: server.port })
  }
  const stop = async () => {
    await server.stop('immediate')
    await rm(directory, { recursive: true, force: true })
  }
  return { connectionString: server.connectionString, restart, stop }
}

const PREFIX = 'pgbeat-test-'
const MEMORY = '/dev/shm'

/** Memory where there is plenty, which makes cloning a database ten times as fast. */
export async function fastDirectory(): Promise<string> {
  const memory = await statfs(MEMORY).catch(() => undefined)
  return memory && memory.bavail * memory.bsize > 2 ** 31 ? MEMORY : tmpdir()
}

/** Those of killed test processes; a server that still runs there ends by itself once its files are gone. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : 0
    if (pid && !isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true }).catch(() => {})
  }
}
