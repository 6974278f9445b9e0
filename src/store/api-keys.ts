import { type Selectable, sql } from 'kysely'
import pg from 'pg'
import { NameTaken, Refused } from './refusal.ts'
import type { ApiKeyRole, ApiKeysTable, Db } from './tables.ts'

/** The channel that tells of changed keys: what is remembered of them is to be forgotten then. */
export const apiKeysChannel = 'pgbeat_api_keys'

/** A key without its hash. `status` goes by the database's clock. */
export type ApiKey = Omit<Selectable<ApiKeysTable>, 'hash'> & { readonly status: 'active' | 'expired' | 'revoked' }

export interface NewApiKey {
  readonly name: string
  readonly role: ApiKeyRole
  /** SHA-256 of the token. */
  readonly hash: Buffer
  /** How the token begins. */
  readonly prefix: string
  /** ISO 8601; null: never. */
  readonly expiresAt: string | null
}

const shown = [
  'id',
  'name',
  'role',
  'prefix',
  'created_at',
  'created_by',
  'expires_at',
  'revoked_at',
  'last_used_at',
] as const

// Not pgbeat.clock(): a simulation must not bring a key back to life.
const isExpired = sql<boolean>`coalesce(expires_at <= clock_timestamp(), false)`

const status = sql<ApiKey['status']>`
  case when revoked_at is not null then 'revoked' when ${isExpired} then 'expired' else 'active' end`.as('status')

/** @throws Refused */
export async function createKey(db: Db, { name, role, hash, prefix, expiresAt }: NewApiKey): Promise<ApiKey> {
  return db
    .insertInto('pgbeat.api_keys')
    .values({ name, role, hash, prefix, expires_at: expiresAt, created_by: sql`pgbeat.actor()` })
    .returning([...shown, status])
    .executeTakeFirstOrThrow()
    .catch((error) => {
      throw asRefusal(error)
    })
}

/** All of them, the oldest first. */
export async function listKeys(db: Db): Promise<ApiKey[]> {
  return db
    .selectFrom('pgbeat.api_keys')
    .select([...shown, status])
    .orderBy('created_at')
    .orderBy('name')
    .execute()
}

/** So many of them, the newest first. */
export async function listNewestKeys(db: Db, limit: number): Promise<ApiKey[]> {
  return db
    .selectFrom('pgbeat.api_keys')
    .select([...shown, status])
    .orderBy('created_at', 'desc')
    .orderBy('name')
    .limit(limit)
    .execute()
}

/**
 * Refuses a key from now on. One that was revoked before stays as it is; answers null when there is no such key.
 * @param ref id or name
 */
export async function revokeKey(db: Db, ref: string): Promise<ApiKey | null> {
  const revoked = await db
    .updateTable('pgbeat.api_keys')
    .set({ revoked_at: sql<Date>`coalesce(revoked_at, clock_timestamp())` })
    .where(sql<boolean>`name = ${ref} or id::text = lower(${ref})`)
    .returning([...shown, status])
    .executeTakeFirst()
  return revoked ?? null
}

/**
 * The ids of the keys that are admins' and may be used, locked until the end of the transaction: of two who revoke the last
 * two of them, one comes second.
 */
export async function lockAdminKeys(trx: Db): Promise<string[]> {
  const found = await trx
    .selectFrom('pgbeat.api_keys')
    .select('id')
    .where('role', '=', 'admin')
    .where('revoked_at', 'is', null)
    .where(sql<boolean>`not ${isExpired}`)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  return found.map(({ id }) => id)
}

/** A key that may be used. */
export interface ActiveKey {
  readonly id: string
  readonly name: string
  readonly role: ApiKeyRole
  /** In how many milliseconds it expires; null: never. */
  readonly expiresInMs: number | null
}

/** The key with this SHA-256 of its token, unless it is revoked or has expired. */
export async function findKeyByHash(db: Db, hash: Buffer): Promise<ActiveKey | null> {
  const found = await db
    .selectFrom('pgbeat.api_keys')
    .select(['id', 'name', 'role'])
    .select(sql<number | null>`extract(epoch from expires_at - clock_timestamp())::float8 * 1000`.as('expiresInMs'))
    .where('hash', '=', hash)
    .where('revoked_at', 'is', null)
    .where(sql<boolean>`not ${isExpired}`)
    .executeTakeFirst()
  return found ?? null
}

/** Whether there was ever a key: one that is revoked or has expired counts, one that was deleted does not. */
export async function hasKeys(db: Db): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`select exists (select from pgbeat.api_keys) as found`.execute(db)
  return rows[0]?.found ?? false
}

/** That a key was used, so many milliseconds ago. */
export interface KeyUse {
  readonly keyId: string
  readonly agoMs: number
}

/**
 * Writes when keys were last used; for a key of which it was written less than a minute before, it is near enough.
 * Answers the uses of keys that somebody has locked: nobody waits for them, they are for another time.
 */
export async function touchKeys(db: Db, uses: readonly KeyUse[]): Promise<KeyUse[]> {
  if (uses.length === 0) return []
  const { rows } = await sql<KeyUse>`
    with used as materialized (
      select id, ago_ms, at
      from unnest(${uses.map(({ keyId }) => keyId)}::uuid[], ${uses.map(({ agoMs }) => agoMs)}::float8[]) as u(id, ago_ms)
      join pgbeat.api_keys using (id),
        lateral (select clock_timestamp() - ago_ms * interval '1 millisecond' as at) moment
      where last_used_at is null or last_used_at < at - interval '1 minute'
    ), free as materialized (
      select id from pgbeat.api_keys k join used using (id) for no key update of k skip locked
    ), written as (
      update pgbeat.api_keys k set last_used_at = greatest(k.last_used_at, at)
      from used join free using (id) where k.id = used.id
    )
    select id as "keyId", ago_ms as "agoMs" from used where id not in (select id from free)`.execute(db)
  return rows
}

/** What the checks of the table say; any other error as it is. */
function asRefusal(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error
  switch (error.constraint) {
    case 'api_keys_name_key':
      return new NameTaken('api_key', 'another key has this name', 'Choose another; a revoked key keeps its name.')
    case 'api_keys_name_check':
      return new Refused(
        'api_key',
        'name',
        'name must have 1 to 200 characters, without control characters or blanks around it, and not look like an id',
      )
    case 'api_keys_expires_later':
      return new Refused('api_key', 'expires_at', 'expires_at must be in the future')
    default:
      return error
  }
}
