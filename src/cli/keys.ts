import { z } from 'zod'
import { hashOf, isToken } from '../http/access/api-token.ts'
import { issueKey } from '../http/access/issue-key.ts'
import { roles } from '../http/access/roles.ts'
import { instant } from '../http/fields/instant.ts'
import { type ApiKey, findKeyByHash, hasKeys, listKeys, revokeKey } from '../store/api-keys.ts'
import { openPool, overPool } from '../store/database.ts'
import { requireMigrated } from '../store/migrate.ts'
import { Refused } from '../store/refusal.ts'
import type { Db } from '../store/tables.ts'
import { type Command, command, group, type Invocation, readOptions, requireDatabase, UsageError } from './command.ts'
import { CommandFailure } from './command-failure.ts'
import type { Argument, Flags } from './flags.ts'
import { print } from './print.ts'

/** Describes a command that works on the keys in the database: there may be none yet that an API would take. */
function keysCommand<const F extends Flags>(action: {
  readonly summary: string
  readonly description?: string
  readonly arguments?: readonly Argument[]
  readonly flags: F
  readonly examples?: readonly string[]
  /** Reads what is given before a database is asked for anything. */
  read(invocation: Invocation<F>): (db: Db) => Promise<void>
}): Command {
  const { read, ...described } = action
  return command({
    ...described,
    async run(invocation) {
      const act = read(invocation)
      const connectionString = requireDatabase(invocation.config)
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
  })
}

const createSchema = z.object({
  role: z.enum(roles, { error: `must be ${roles.join(', ')}` }),
  name: z.string().optional(),
  expires: instant.optional(),
})

const create = keysCommand({
  summary: 'create a key, and print it, this once',
  flags: {
    role: { value: '<role>', summary: 'what it may do', choices: roles },
    name: { value: '<name>', summary: 'generated when left out' },
    expires: { value: '<instant>', summary: 'never when left out' },
  },
  examples: ['keys create --role operator --name deploy --expires 2027-01-01T00:00:00Z'],
  read({ values }) {
    const { role, name, expires } = readOptions(createSchema, values)
    return async (db) => {
      const { key, token } = await issueKey(db, { name, role, expiresAt: expires ?? null })
      const until = key.expires_at === null ? 'until it is revoked' : `until ${toText(key.expires_at)}`
      process.stderr.write(`The key ${key.name}, for the role ${role}, ${until}. Keep it: only its hash is in the database.
To be sent as Authorization: Bearer <key>\n`)
      await print([`${token}\n`])
    }
  },
})

const first = keysCommand({
  summary: "for a start-up that nobody watches: an admin's key, where there never was a key",
  description: 'It is PGBEAT_API_KEY if that is set, otherwise a new one, which is printed.',
  flags: { name: { value: '<name>', summary: 'first when left out' } },
  read({ values: { name = 'first' }, config: { PGBEAT_API_KEY: given } }) {
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
  },
})

const list = keysCommand({
  summary: 'list the keys',
  flags: { json: { summary: 'one JSON document' } },
  read:
    ({ values: { json } }) =>
    async (db) => {
      const found = await listKeys(db)
      await print(json ? [`${JSON.stringify({ data: found })}\n`] : table(found))
    },
})

const revoke = keysCommand({
  summary: 'revoke a key, for good',
  arguments: [{ name: 'key', summary: 'its id or name' }],
  flags: {},
  read:
    ({ given: [ref = ''] }) =>
    async (db) => {
      const revoked = await revokeKey(db, ref)
      if (revoked === null) {
        throw new CommandFailure(`there is no key ${JSON.stringify(ref)}: keys list shows those there are`, 'notFound')
      }
      await print([`${revoked.name} is revoked since ${toText(revoked.revoked_at)}\n`])
    },
})

export const keys = group('create, list and revoke the keys of the HTTP API; a new one is printed, this once', {
  create: async () => create,
  first: async () => first,
  list: async () => list,
  revoke: async () => revoke,
})

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
