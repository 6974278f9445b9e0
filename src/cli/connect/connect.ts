import { userInfo } from 'node:os'
import type { Calls } from '../../client/calls.ts'
import type { Config } from '../../config/variables.ts'
import { UsageError } from '../command.ts'

export interface ConnectOptions {
  /** Of a remote API, from `--url`. */
  readonly url?: string | undefined
}

/** Says where what a command works on is. @throws UsageError when nothing says so */
function targetOf(
  { DATABASE_URL: connectionString, PGBEAT_API_URL: apiUrl }: Config,
  { url }: ConnectOptions,
): { url: string } | { connectionString: string } {
  if (url !== undefined) return { url: readUrl(url) }
  if (connectionString !== undefined) return { connectionString }
  if (apiUrl !== undefined) return { url: apiUrl }
  throw new UsageError(
    'there is nothing to work on: set DATABASE_URL (postgres://user:password@localhost:5432/name), ' +
      'or give a remote API with --url or PGBEAT_API_URL',
  )
}

/**
 * Has something done with the API: that of `--url`; or, in this process, on the database of DATABASE_URL, which is to be
 * migrated; or that of PGBEAT_API_URL. Connections are closed at the end.
 * @throws UsageError, MigrationError
 */
export async function connect<Result>(
  config: Config,
  options: ConnectOptions,
  use: (api: Calls) => Promise<Result>,
): Promise<Result> {
  const target = targetOf(config, options)
  // Each takes a while to read, and a command needs one of them.
  if ('url' in target) {
    const { Client } = await import('../../client/client.ts')
    const key = config.PGBEAT_API_KEY
    return use(new Client({ url: target.url, ...(key !== undefined && { key }) }))
  }
  const { openHere } = await import('./open-here.ts')
  const api = await openHere(target.connectionString, { actor: `cli:${userName()}`, timezone: config.PGBEAT_TIMEZONE })
  try {
    return await use(api)
  } finally {
    await api.close()
  }
}

function readUrl(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text
  throw new UsageError('--url: must be a URL such as http://127.0.0.1:8000')
}

/** Containers run as users that have no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}
