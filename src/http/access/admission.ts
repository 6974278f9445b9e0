import type { Request } from 'express'
import { ipKeyGenerator } from 'express-rate-limit'
import type { Caller, Endpoint } from '../endpoint.ts'
import { Problem } from '../problem.ts'
import { bearerToken } from './bearer-token.ts'
import { anybody } from './caller.ts'
import { refuseForeignOrigins, refuseForeignPages } from './foreign-pages.ts'
import type { Identity, KeyRing } from './key-ring.ts'
import { mayAct, type Role } from './roles.ts'
import { sessionToken } from './session-cookie.ts'

/** Who is let in. Where there never was a key, and only this machine reaches the API, everybody is. */
export class Admission {
  readonly #keys: KeyRing
  readonly #isLoopback: boolean
  readonly #standings = new WeakMap<Request, Standing>()

  /** @param isLoopback whether only this machine reaches the API; otherwise nobody is let in without a key, ever */
  constructor(keys: KeyRing, isLoopback: boolean) {
    this.#keys = keys
    this.#isLoopback = isLoopback
  }

  /** Finds out who makes a request; to be done before the rest is asked. */
  async identify(request: Request): Promise<void> {
    this.#standings.set(request, await this.#standingOf(request))
  }

  /**
   * Answers who makes the request, if they may use the endpoint.
   * @throws Problem unauthorized, forbidden, foreign_host, foreign_origin
   */
  admit(request: Request, { role }: Pick<Endpoint, 'role'>): Caller {
    return role === null ? anybody : callerOf(request, this.#known(request), role)
  }

  /** Whether a request that goes on would be let in now. @throws when that can't be known */
  async wouldAdmit(request: Request, role: Role): Promise<boolean> {
    const standing = await this.#standingOf(request)
    try {
      callerOf(request, standing, role)
      return true
    } catch {
      return false
    }
  }

  /** Whether nobody needs a key. */
  async isOpen(): Promise<boolean> {
    return this.#isLoopback && (await this.#keys.isOpen())
  }

  /** What is known of keys is to be asked anew. */
  forget(): void {
    this.#keys.forget()
  }

  /** Who a token belongs to; null for one that is no good. */
  async whose(token: string): Promise<Caller | null> {
    const identity = await this.#keys.identify(token)
    return identity === null ? null : toCaller(identity)
  }

  /** Who makes a request, whether they need to say so or not; null for somebody who would be let in nowhere. */
  callerIfAny(request: Request): Caller | null {
    const standing = this.#known(request)
    if (standing.kind === 'open') return anybody
    return standing.kind === 'key' ? toCaller(standing.identity) : null
  }

  /** What a client is counted as: its key, or its address where it has none that is good. */
  clientOf(request: Request): string {
    const standing = this.#known(request)
    return standing.kind === 'key'
      ? `key ${standing.identity.keyId}`
      : `address ${ipKeyGenerator(request.socket.remoteAddress ?? '')}`
  }

  #known(request: Request): Standing {
    const standing = this.#standings.get(request)
    if (standing === undefined) throw new Error('nobody has been asked who this is')
    return standing
  }

  async #standingOf(request: Request): Promise<Standing> {
    if (await this.isOpen()) return { kind: 'open' }
    const credentials = bearerToken(request.headers.authorization)
    if (credentials.kind === 'malformed') return { kind: 'without key' }
    const ofPage = credentials.kind === 'none' ? sessionToken(request) : undefined
    const token = credentials.kind === 'token' ? credentials.token : ofPage
    if (token === undefined) return { kind: 'without key' }
    const identity = await this.#keys.identify(token)
    return identity === null ? { kind: 'stranger' } : { kind: 'key', identity, isOfPage: ofPage !== undefined }
  }
}

/** As whom a request comes. */
type Standing =
  | { readonly kind: 'open' | 'without key' | 'stranger' }
  | { readonly kind: 'key'; readonly identity: Identity; readonly isOfPage: boolean }

/** @throws Problem when they may not do what takes the role */
function callerOf(request: Request, standing: Standing, role: Role): Caller {
  switch (standing.kind) {
    case 'open':
      refuseForeignPages(request)
      return anybody
    case 'without key':
      throw unauthorized('give an API key: Authorization: Bearer <key>', 'Bearer')
    case 'stranger':
      throw unauthorized('the API key is unknown, revoked or expired', 'Bearer error="invalid_token"')
    case 'key': {
      const { identity, isOfPage } = standing
      if (isOfPage) refuseForeignOrigins(request)
      if (mayAct(identity.role, role)) return toCaller(identity)
      throw new Problem('forbidden', `this takes the role ${role}; the key ${identity.name} has ${identity.role}`)
    }
  }
}

function toCaller({ name, role }: Identity): Caller {
  return { name: `api:${name}`, keyName: name, role }
}

function unauthorized(detail: string, challenge: string): Problem {
  return new Problem('unauthorized', detail, { headers: { 'WWW-Authenticate': challenge } })
}
