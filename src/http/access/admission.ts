import type { Request } from 'express'
import { ipKeyGenerator } from 'express-rate-limit'
import type { Caller, Endpoint } from '../endpoint.ts'
import { Problem } from '../problem.ts'
import { bearerToken } from './bearer-token.ts'
import { anybody } from './caller.ts'
import { refuseForeignPages } from './foreign-pages.ts'
import type { Identity, KeyRing } from './key-ring.ts'
import { mayAct } from './roles.ts'

/** Who is let in. Where there never was a key, and only this machine reaches the API, everybody is. */
export class Admission {
  readonly #keys: KeyRing
  readonly #isLoopback: boolean

  /** @param isLoopback whether only this machine reaches the API; otherwise nobody is let in without a key, ever */
  constructor(keys: KeyRing, isLoopback: boolean) {
    this.#keys = keys
    this.#isLoopback = isLoopback
  }

  /**
   * Answers who makes the request, if they may use the endpoint.
   * @throws Problem unauthorized, forbidden, foreign_host, foreign_origin
   */
  async admit(request: Request, { role }: Pick<Endpoint, 'role'>): Promise<Caller> {
    if (role === null) return anybody
    if (this.#isLoopback && (await this.#keys.isOpen())) {
      refuseForeignPages(request)
      return anybody
    }
    const identity = await this.#identify(request)
    if (!mayAct(identity.role, role)) {
      throw new Problem('forbidden', `this takes the role ${role}; the key ${identity.name} has ${identity.role}`)
    }
    return { name: `api:${identity.name}`, role: identity.role }
  }

  /** Whether a request that goes on would be let in now. @throws when that can't be known */
  async wouldAdmit(request: Request, endpoint: Pick<Endpoint, 'role'>): Promise<boolean> {
    try {
      await this.admit(request, endpoint)
      return true
    } catch (error) {
      if (error instanceof Problem) return false
      throw error
    }
  }

  /** What a client is counted as: its key where that is known, or its address. */
  clientOf(request: Request): string {
    const credentials = bearerToken(request.headers.authorization)
    const identity = credentials.kind === 'token' ? this.#keys.known(credentials.token) : null
    return identity === null ? `address ${ipKeyGenerator(request.socket.remoteAddress ?? '')}` : `key ${identity.keyId}`
  }

  async #identify(request: Request): Promise<Identity> {
    const credentials = bearerToken(request.headers.authorization)
    if (credentials.kind !== 'token') throw unauthorized('give an API key: Authorization: Bearer <key>', 'Bearer')
    const identity = await this.#keys.identify(credentials.token)
    if (identity === null) {
      throw unauthorized('the API key is unknown, revoked or expired', 'Bearer error="invalid_token"')
    }
    return identity
  }
}

function unauthorized(detail: string, challenge: string): Problem {
  return new Problem('unauthorized', detail, { headers: { 'WWW-Authenticate': challenge } })
}
