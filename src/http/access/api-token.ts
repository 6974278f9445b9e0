import { createHash, randomBytes } from 'node:crypto'

const scheme = 'pgb_'
const randomLength = 32
const publicLength = scheme.length + 8

/** A new secret: what the owner of a key sends. */
export function newToken(): string {
  return `${scheme}${randomBytes(randomLength).toString('base64url')}`
}

const form = new RegExp(`^${scheme}[A-Za-z0-9_-]{${Math.ceil((randomLength * 4) / 3)}}$`)

/** Whether a text can be a token at all; of any other there is no need to ask the database. */
export function isToken(text: string): boolean {
  return form.test(text)
}

/** What is kept of a token. */
export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** How a token begins: enough to recognise it by, and no help to guess the rest. */
export function prefixOf(token: string): string {
  return token.slice(0, publicLength)
}
