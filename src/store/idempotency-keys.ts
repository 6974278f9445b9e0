import { sql } from 'kysely'
import type { Db } from './tables.ts'

/** An answer as it was given. */
export interface KeptAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON. */
  readonly body: string
}

interface KeyOfCaller {
  readonly caller: string
  readonly key: string
}

interface KeyClaim extends KeyOfCaller {
  readonly fingerprint: Buffer
}

/**
 * Makes a key the caller's for the transaction's request; somebody else who is just doing the same is waited for. Answers
 * null when it was free, or what it was used for.
 */
export async function claimKey(trx: Db, claim: KeyClaim): Promise<{ fingerprint: Buffer; answer: KeptAnswer } | null> {
  const { caller, key, fingerprint } = claim
  const { rows: claimed } = await sql`
    insert into pgbeat.idempotency_keys (caller, key, fingerprint) values (${caller}, ${key}, ${fingerprint})
    on conflict do nothing returning key`.execute(trx)
  if (claimed.length > 0) return null
  const { rows } = await sql<KeptAnswer & { readonly fingerprint: Buffer }>`
    select fingerprint, status, headers, body from pgbeat.idempotency_keys
    where caller = ${caller} and key = ${key}`.execute(trx)
  const [found] = rows
  // It was just forgotten, a day after it was used. Whoever uses it now has it for another day.
  if (found === undefined) return claimKey(trx, claim)
  const { fingerprint: used, ...answer } = found
  return { fingerprint: used, answer }
}

export async function keepAnswer(trx: Db, { caller, key }: KeyOfCaller, answer: KeptAnswer): Promise<void> {
  await sql`
    update pgbeat.idempotency_keys set
      status = ${answer.status}, headers = ${JSON.stringify(answer.headers)}, body = ${answer.body}
    where caller = ${caller} and key = ${key}`.execute(trx)
}

const forgottenAtOnce = 10_000

/**
 * Forgets keys that nobody repeats any more, so many that it takes no time to speak of; answers whether there may be
 * others.
 */
export async function forgetOldKeys(db: Db, olderThanMs: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from pgbeat.idempotency_keys where ctid = any(array(
      select ctid from pgbeat.idempotency_keys
      where created_at < clock_timestamp() - ${olderThanMs} * interval '1 millisecond' limit ${forgottenAtOnce}
    ))`.execute(db)
  return numAffectedRows === BigInt(forgottenAtOnce)
}
