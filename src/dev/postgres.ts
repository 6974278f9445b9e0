import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { programs } from './postgres/binaries.ts'
import { initialize, passwordFile, settingsFile } from './postgres/initialize.ts'
import { choosePort, isPortFree } from './postgres/port.ts'
import { disarmStalePid, findPostmaster, type Postmaster } from './postgres/postmaster.ts'
import { openRunner, type Runner } from './postgres/runner.ts'

/*
 * An embedded PostgreSQL, driven with pg_ctl and never as a child of ours: the server gets a session of its own, so a
 * Ctrl-C on the terminal reaches us and not the database under us, and a server whose starter was killed is found
 * again through its data directory.
 */

export interface PostgresOptions {
  /** Made on the first start. It belongs to the user that runs Postgres, which for root is `postgres` or `nobody`. */
  dataDir: string
  /** Without it: the port of the last start while that is still free, else any free one. */
  port?: number
  /** Server settings as in postgresql.conf. They hold for servers started here, not for one that is adopted. */
  settings?: Record<string, string>
  /** Told in a few words what takes time. */
  onLog?: (message: string) => void
}

export interface EmbeddedPostgres {
  /** Database `pgbeat`, user `postgres`, on 127.0.0.1, the password included. */
  connectionString: string
  port: number
  /** Does nothing when the server is gone already. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>
}

const DATABASE = 'pgbeat'
const START_TIMEOUT_MS = 300_000
const ORPHANS_TIMEOUT_MS = 10_000
const KEEP_LOG_BYTES = 10_000_000

/** Starts the server that lives in `dataDir`, or adopts it when it runs already. */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { settings = {}, onLog = () => {} } = options
  const dataDir = resolve(options.dataDir)
  await mkdir(dirname(dataDir), { recursive: true })
  const runner = await openRunner(dataDir)
  await initialize(dataDir, runner, onLog)
  const server = await startOrAdopt(dataDir, runner, options.port, settings, onLog)
  const password = (await readFile(join(dataDir, passwordFile), 'utf8')).trim()
  const connectionString = `postgres://postgres:${password}@127.0.0.1:${server.port}/${DATABASE}`
  await ensureDatabase(connectionString)
  return { connectionString, port: server.port, stop: (mode = 'fast') => stop(dataDir, runner, mode) }
}

async function startOrAdopt(
  dataDir: string,
  runner: Runner,
  port: number | undefined,
  settings: Record<string, string>,
  onLog: (message: string) => void,
): Promise<Postmaster> {
  const begun = Date.now()
  for (let starts = 0; ; ) {
    const server = await findPostmaster(dataDir)
    if (server?.ready) {
      if (starts === 0) onLog(`PostgreSQL was still running (pid ${server.pid}) and is used as it is`)
      return server
    }
    if (Date.now() - begun > START_TIMEOUT_MS) throw new Error(`PostgreSQL in ${dataDir} did not become ready`)
    if (server) {
      await delay(50)
      continue
    }
    starts += 1
    const failure = await startOnce(dataDir, runner, port, settings)
    if (!failure || (await findPostmaster(dataDir))) continue
    if (failure.portTaken && port === undefined && starts < 10) continue
    // The backends of a server that was killed may outlive it for a moment, and a new one must wait for them.
    if (!failure.unclean || Date.now() - begun > ORPHANS_TIMEOUT_MS) throw new Error(failure.message)
    await delay(100)
  }
}

interface StartFailure {
  message: string
  portTaken: boolean
  /** The server before this one did not shut down by itself. */
  unclean: boolean
}

async function startOnce(
  dataDir: string,
  runner: Runner,
  wantedPort: number | undefined,
  settings: Record<string, string>,
): Promise<StartFailure | undefined> {
  const { pg_ctl } = programs()
  const log = join(dataDir, 'postgres.log')
  const logged = await trimLog(log)
  const unclean = await disarmStalePid(dataDir)
  const settingsPath = join(dataDir, settingsFile)
  const port = wantedPort ?? (await choosePort(settingsPath))
  await writeFile(settingsPath, settingsText({ ...settings, port: String(port) }))
  await runner.own(settingsPath)
  const args = ['start', '-D', dataDir, '-l', log, '-w', '-t', String(START_TIMEOUT_MS / 1000), '-s']
  const { code, output } = await runner.run(pg_ctl, args, { ownSession: true })
  if (code === 0) return undefined
  const portTaken = !(await isPortFree(port))
  const said = (await readFile(log).catch(() => Buffer.alloc(0))).subarray(logged).toString().trim() || output.trim()
  const what = portTaken ? `port ${port} of 127.0.0.1 is in use` : `see ${log}`
  return { message: `PostgreSQL did not start: ${what}\n${said}`, portTaken, unclean }
}

function settingsText(settings: Record<string, string>): string {
  const all = {
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %a ',
    ...settings,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
  }
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
  return `# Written by pgbeat at every start; put settings of your own into postgresql.conf, below its include.\n${lines.join('')}`
}

/** Returns the log's size, from where this start's lines begin. */
async function trimLog(log: string): Promise<number> {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  )
  if (size < KEEP_LOG_BYTES) return size
  await rename(log, `${log}.1`)
  return 0
}

async function ensureDatabase(connectionString: string): Promise<void> {
  if (await canConnect(connectionString)) return
  const url = new URL(connectionString)
  url.pathname = '/postgres'
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    await client.query(`create database ${DATABASE}`)
  } catch (error) {
    // Another process that started at the same time may have been first.
    if (!(await canConnect(connectionString))) throw error
  } finally {
    await client.end()
  }
}

async function canConnect(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString })
  try {
    await client.connect()
    await client.end()
    return true
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '3D000') return false
    throw error
  }
}

async function stop(dataDir: string, runner: Runner, mode: 'fast' | 'immediate'): Promise<void> {
  if (!(await findPostmaster(dataDir))) return
  const { pg_ctl } = programs()
  const args = ['stop', '-D', dataDir, '-m', mode, '-w', '-t', '120', '-s']
  const { code, output } = await runner.run(pg_ctl, args, { ownSession: true })
  if (code !== 0 && (await findPostmaster(dataDir))) throw new Error(`PostgreSQL did not stop: ${output.trim()}`)
}
