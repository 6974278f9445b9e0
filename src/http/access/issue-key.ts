import { randomBytes } from 'node:crypto'
import { type ApiKey, createKey } from '../../store/api-keys.ts'
import type { Db } from '../../store/tables.ts'
import { hashOf, newToken, prefixOf } from './api-token.ts'
import type { Role } from './roles.ts'

export interface KeyToIssue {
  /** Left out, it is called after its role. */
  readonly name?: string | undefined
  readonly role: Role
  /** Unix milliseconds; null: never. */
  readonly expiresAt: number | null
  /** Left out, a new one is made. */
  readonly token?: string | undefined
}

/**
 * A new key, and the token that its owner is to keep: nobody can be told of it again.
 * @throws Refused
 */
export async function issueKey(db: Db, given: KeyToIssue): Promise<{ readonly key: ApiKey; readonly token: string }> {
  const { role, name = `${role}-${randomBytes(4).toString('hex')}`, expiresAt, token = newToken() } = given
  const key = await createKey(db, {
    name,
    role,
    hash: hashOf(token),
    prefix: prefixOf(token),
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
  })
  return { key, token }
}
