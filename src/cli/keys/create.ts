import { z } from 'zod'
import { roles } from '../../http/access/roles.ts'
import { instant } from '../../http/fields/instant.ts'
import { readOptions } from '../command.ts'
import { print } from '../print.ts'
import { instantText } from './instant-text.ts'
import { keysCommand } from './keys-command.ts'

const createSchema = z.object({
  role: z.enum(roles, { error: `must be ${roles.join(', ')}` }),
  name: z.string().optional(),
  expires: instant.optional(),
})

export const create = keysCommand({
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
      const { issueKey } = await import('../../http/access/issue-key.ts')
      const { key, token } = await issueKey(db, { name, role, expiresAt: expires ?? null })
      const until = key.expires_at === null ? 'until it is revoked' : `until ${instantText(key.expires_at)}`
      process.stderr.write(`The key ${key.name}, for the role ${role}, ${until}. Keep it: only its hash is in the database.
To be sent as Authorization: Bearer <key>\n`)
      await print([`${token}\n`])
    }
  },
})
