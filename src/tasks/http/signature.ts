import { createHmac } from 'node:crypto'
import { PermanentError } from '../../errors.ts'
import type { HttpRequestPayload } from './payload.ts'

type Signature = NonNullable<HttpRequestPayload['signature']>

export interface Signed {
  /** The same in every attempt of a run. */
  readonly id: string
  readonly body: string
  /** Unix milliseconds. */
  readonly now: number
  readonly key: string
}

/** The headers that prove who sent a message, and when. */
export function sign({ scheme, header, secret }: Signature, { id, body, now, key }: Signed): Record<string, string> {
  const timestamp = Math.floor(now / 1_000).toString()
  if (scheme === 'timestamped') {
    const hex = createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')
    return { [header]: `t=${timestamp},v1=${hex}` }
  }
  const mac = createHmac('sha256', bytesOf(key, secret)).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` }
}

/** As Standard Webhooks writes keys: base64 after whsec_. Any other text is the key itself. */
function bytesOf(key: string, name: string): Buffer {
  if (!key.startsWith('whsec_')) return Buffer.from(key)
  const bytes = Buffer.from(key.slice('whsec_'.length), 'base64')
  if (bytes.length === 0) throw new PermanentError('secret_refused', `${name} has nothing behind whsec_`)
  return bytes
}
