import { z } from 'zod'
import type { Config } from '../config/variables.ts'
import { hashOf, isToken } from '../http/access/api-token.ts'
import { issueKey } from '../http/access/issue-key.ts'
import { roles } from '../http/access/roles.ts'
import { instant } from '../http/fields/instant.ts'
import { type ApiKey, findKeyByHash, hasKeys, listKeys, revokeKey } from '../store/api-keys.ts'
import { openPool, overPool } from '../store/database.ts'
import { requireMigrated } from '../store/migrate.ts'
import { Refused } from '../store/refusal.ts'
import type { Db } from '../store/tables.ts'
import { type Command, readArguments, readOptions, requireDatabase, UsageError } from './command.ts'
import { print } from './print.ts'

/** Reads its arguments before a database is asked for anything. */
type Action = (args: string[], config: Config) => (db: Db) => Promise<void>

const usage = [
  'create --role viewer|operator|admin [--name <name>] [--expires <instant>]',
  'first [--name <name>]',
  'list [--json]',
  'revoke <id or name>',
]

export const keys: Command = {
  summary: 'create, list and revoke the keys of the HTTP API; a new one is printed, this once',
  usage: usage.join('\n'),
  async run(config, [name = '', ...args]) {
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (action === undefined) throw new UsageError(`use one of\n${usage.map((line) => `  keys ${line}`).join('\n')}`)
    const act = action(args, config)
    const connectionString = requireDatabase(config)
    await requireMigrated(connectionString)
    const pool = openPool({ connectionString, applicationName: 'pgbeat keys', maxConnections: 1 })
    try {
      await act(overPool(pool))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      throw new UsageError(error.hint === undefined ? error.message : `${error.message}. ${error.hint}`)
    } finally {
      await pool.end()
    }
  },
}

const createOptions = { role: { type: 'string' }, name: { type: 'string' }, expires: { type: 'string' } } as const

const createSchema = z.object({
  role: z.enum(roles, { error: `must be ${roles.join(', ')}` }),
  name: z.string().optional(),
  expires: instant.optional(),
})

const create: Action = (args) => {
  const { role, name, expires } = readOptions(createSchema, readArguments(args, { options: createOptions }).values)
  return async (db) => {
    const { key, token } = await issueKey(db, { name, role, expiresAt: expires ?? null })
    const until = key.expires_at === null ? 'until it is revoked' : `until ${toText(key.expires_at)}`
    process.stderr.write(`The key ${key.name}, for the role ${role}, ${until}. Keep it: only its hash is in the database.
To be sent as Authorization: Bearer <key>\n`)
    await print([`${token}\n`])
  }
}

/** For a start-up that nobody watches: an admin's key where there never was a key, PGBEAT_API_KEY if that is set. */
const first: Action = (args, { PGBEAT_API_KEY: given }) => {
  const { name = 'first' } = readArguments(args, { options: { name: { type: 'string' } } }).values
  if (given !== undefined && !isToken(given)) {
    throw new UsageError('PGBEAT_API_KEY: must be pgb_ and 43 letters, digits, - or _, as keys create prints it')
  }
  return async (db) => {
    if (await hasKeys(db)) {
      const isKnown = given === undefined || (await findKeyByHash(db, hashOf(given))) !== null
      process.stderr.write(`There are keys already${isKnown ? '' : '; PGBEAT_API_KEY is none that may be used'}\n`)
      return
    }
    const { token } = await issueKey(db, { name, role: 'admin', expiresAt: null, token: given })
    if (given === undefined) await print([`PGBEAT_API_KEY=${token}\n`])
    process.stderr.write(`PGBEAT_API_KEY is the key ${name}, for the role admin. Only its hash is in the database.\n`)
  }
}

const list: Action = (args) => {
  const { json } = readArguments(args, { options: { json: { type: 'boolean' } } }).values
  return async (db) => {
    const found = await listKeys(db)
    await print(json ? [`${JSON.stringify({ data: found })}\n`] : table(found))
  }
}

const revoke: Action = (args) => {
  const [ref, ...others] = readArguments(args, { options: {}, allowPositionals: true }).positionals
  if (ref === undefined || others.length > 0) throw new UsageError('revoke takes the id or the name of one key')
  return async (db) => {
    const revoked = await revokeKey(db, ref)
    if (revoked === null)
      throw new UsageError(`there is no key ${JSON.stringify(ref)}: keys list shows those there are`)
    await print([`${revoked.name} is revoked since ${toText(revoked.revoked_at)}\n`])
  }
}

const actions: Record<string, Action> = { create, first, list, revoke }

function table(found: readonly ApiKey[]): string[] {
  const rows = [
    ['name', 'role', 'begins with', 'status', 'created', 'last used', 'expires'],
    ...found.map((key) => [
      key.name,
      key.role,
      key.prefix,
      key.status,
      toText(key.created_at),
      toText(key.last_used_at),
      toText(key.expires_at),
    ]),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows.map(
    (row) =>
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
  )
}

function toText(instant: Date | null): string {
  return instant?.toISOString().replace(/\.\d+Z$/, 'Z') ?? 'never'
}
