import type { KeptAnswer } from '../store/idempotency-keys.ts'
import { type Caller, type Endpoint, isWrite, type LongAnswer } from './endpoint.ts'
import type { Asked } from './requests/asked.ts'
import { idempotencyKeyOf, onceForKey } from './requests/idempotency.ts'
import { type AnyCall, readCall } from './requests/read-call.ts'
import type { Services } from './services.ts'

/** What an endpoint answers; its handler has answered by itself where it is undefined. */
export type Performed = (KeptAnswer & { readonly isReplayed: boolean }) | LongAnswer | undefined

/** What an endpoint's handler answers for a call, with services whose `db` is the one to use. */
type Handle<Used extends Services> = (call: AnyCall, using: Used) => ReturnType<Endpoint['handle']>

export interface Performance<Used extends Services> {
  readonly asked: Asked
  readonly caller: Caller
  readonly services: Used
  readonly handle: Handle<Used>
}

/**
 * Does what somebody asks of an endpoint: reads it, has it done on the connections for it, once if it has an
 * `Idempotency-Key`, and answers.
 * @throws Problem, and what the handler fails with
 */
export async function perform<Used extends Services>(
  endpoint: Endpoint,
  { asked, caller, services, handle }: Performance<Used>,
): Promise<Performed> {
  const call = readCall(endpoint, asked, caller)
  if (!isWrite(endpoint)) return toPerformed(endpoint, await handle(call, services))
  const writing = { ...services, db: services.writes }
  const key = idempotencyKeyOf(asked, endpoint)
  if (key === null) return toPerformed(endpoint, await handle(call, writing))
  return onceForKey(services.writes, { key, caller, asked }, async (trx) => {
    const written = toPerformed(endpoint, await handle(call, { ...writing, db: trx }))
    if (written === undefined || 'pieces' in written) throw new Error(`${endpoint.path} has no answer to be kept`)
    return written
  })
}

function toPerformed(endpoint: Endpoint, given: Awaited<ReturnType<Endpoint['handle']>>): Performed {
  if (given === undefined || 'pieces' in given) return given
  const { content, headers = {} } = given
  const status = 'status' in given ? given.status : endpoint.status
  return { status, headers, body: JSON.stringify(content), isReplayed: false }
}
