import { hashOf, newToken, prefixOf } from '../../src/http/access/api-token.ts'
import type { Role } from '../../src/http/access/roles.ts'
import { type ApiKey, createKey } from '../../src/store/api-keys.ts'
import type { Db } from '../../src/store/tables.ts'

/** A key and the token that its owner has. */
export async function addKey(db: Db, name: string, role: Role = 'viewer'): Promise<{ token: string; key: ApiKey }> {
  const token = newToken()
  const key = await createKey(db, { name, role, hash: hashOf(token), prefix: prefixOf(token), expiresAt: null })
  return { token, key }
}
