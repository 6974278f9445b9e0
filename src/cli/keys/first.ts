import { hashOf, isToken } from '../../http/access/api-token.ts'
import { UsageError } from '../command.ts'
import { print } from '../print.ts'
import { keysCommand } from './keys-command.ts'

export const first = keysCommand({
  summary: "for a start-up that nobody watches: an admin's key, where there never was a key",
  description: 'It is PGBEAT_API_KEY if that is set, otherwise a new one, which is printed.',
  flags: { name: { value: '<name>', summary: 'first when left out' } },
  read({ values: { name = 'first' }, config: { PGBEAT_API_KEY: given } }) {
    if (given !== undefined && !isToken(given)) {
      throw new UsageError('PGBEAT_API_KEY: must be pgb_ and 43 letters, digits, - or _, as keys create prints it')
    }
    return async (db) => {
      const { issueKey } = await import('../../http/access/issue-key.ts')
      const { findKeyByHash, hasKeys } = await import('../../store/api-keys.ts')
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
