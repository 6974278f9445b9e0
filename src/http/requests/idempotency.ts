import { createHash } from 'node:crypto'
import { asTransaction } from '../../store/as-actor.ts'
import { claimKey, type KeptAnswer, keepAnswer } from '../../store/idempotency-keys.ts'
import type { Db } from '../../store/tables.ts'
import { type Caller, type Endpoint, isRepeatable } from '../endpoint.ts'
import { invalidField, Problem } from '../problem.ts'
import type { Asked } from './asked.ts'

const longestKey = 255

/** @throws Problem when there is one that can't be used */
export function idempotencyKeyOf({ idempotencyKey: key }: Asked, endpoint: Endpoint): string | null {
  if (key === undefined) return null
  if (!isRepeatable(endpoint)) {
    throw invalidField('Idempotency-Key', 'the answer has a secret, which is not kept to be given again')
  }
  if (/^[\x21-\x7e]+$/.test(key) && key.length <= longestKey) return key
  throw invalidField('Idempotency-Key', `must have 1 to ${longestKey} printable ASCII characters`)
}

/**
 * Does a write once, however often it is asked for with the same key: what it does and its answer are committed
 * together, and from then on the answer is given again. A write that fails leaves nothing behind, its key included.
 */
export async function onceForKey(
  db: Db,
  { key, caller, asked }: { key: string; caller: Caller; asked: Asked },
  write: (trx: Db) => Promise<KeptAnswer>,
): Promise<KeptAnswer & { readonly isReplayed: boolean }> {
  return asTransaction(db, async (trx) => {
    const fingerprint = fingerprintOf(asked)
    const claimed = await claimKey(trx, { caller: caller.name, key, fingerprint })
    if (claimed === null) {
      const answer = await write(trx)
      await keepAnswer(trx, { caller: caller.name, key }, answer)
      return { ...answer, isReplayed: false }
    }
    if (!claimed.fingerprint.equals(fingerprint)) {
      const message = 'the key was used for another request: a new request takes a new key'
      throw new Problem('idempotency_key_reused', message, { errors: [{ field: 'Idempotency-Key', message }] })
    }
    return { ...claimed.answer, isReplayed: true }
  })
}

function fingerprintOf({ method, url, ifMatch, body }: Asked): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([method, url, ifMatch ?? null, body ?? null]))
    .digest()
}
