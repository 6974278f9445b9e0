import { issueKey } from '../../src/http/access/issue-key.ts'
import type { Role } from '../../src/http/access/roles.ts'
import type { ApiKey } from '../../src/store/api-keys.ts'
import type { Db } from '../../src/store/tables.ts'

/** A key and the token that its owner has. */
export function addKey(db: Db, name: string, role: Role = 'viewer'): Promise<{ token: string; key: ApiKey }> {
  return issueKey(db, { name, role, expiresAt: null })
}
