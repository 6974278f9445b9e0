import type { ApiKey } from '../../store/api-keys.ts'
import type { Db } from '../../store/tables.ts'
import { CommandFailure } from '../command-failure.ts'
import { confirm, yesFlag } from '../output/confirm.ts'
import { print } from '../print.ts'
import { instantText } from './instant-text.ts'
import { keysCommand } from './keys-command.ts'

export const revoke = keysCommand({
  summary: 'revoke a key, for good',
  description:
    'It asks before it revokes the last admin that is neither revoked nor expired: the API goes on asking for keys then, ' +
    'and only `pgbeat keys create --role admin`, with the database at hand, makes another admin.',
  arguments: [{ name: 'key', summary: 'its id or name' }],
  flags: { yes: yesFlag },
  read:
    ({ given: [ref = ''], values: { yes } }) =>
    async (db) => {
      const revoked = await revokeOne(db, ref, yes === true).catch(async (error) => {
        if (!(error instanceof LastAdminKey)) throw error
        await confirm(`${error.message}. Revoke it?`, yes)
        return revokeOne(db, ref, true)
      })
      if (revoked === null) {
        throw new CommandFailure(`there is no key ${JSON.stringify(ref)}: keys list shows those there are`, 'notFound')
      }
      await print([`${revoked.name} is revoked since ${instantText(revoked.revoked_at)}\n`])
    },
})

class LastAdminKey extends Error {
  override readonly name = 'LastAdminKey'

  constructor(key: string) {
    super(`${key} is the last key with the role admin: without it nobody makes keys or edits schedules over HTTP`)
  }
}

/** @throws LastAdminKey unless `isSure`, for one that has no other beside it */
async function revokeOne(db: Db, ref: string, isSure: boolean): Promise<ApiKey | null> {
  const { lockAdminKeys, revokeKey } = await import('../../store/api-keys.ts')
  return db.transaction().execute(async (trx) => {
    const admins = await lockAdminKeys(trx)
    const key = await revokeKey(trx, ref)
    if (!isSure && key !== null && admins.length === 1 && admins[0] === key.id) throw new LastAdminKey(key.name)
    return key
  })
}
