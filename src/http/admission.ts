// Who is let in. Without keys the API is open to whoever reaches the loopback address, and to nobody else.

import type { Request } from 'express'
import { ipKeyGenerator } from 'express-rate-limit'
import { bearerToken } from './authenticate.ts'
import { anybody } from './caller.ts'
import type { Caller, Endpoint } from './endpoint.ts'
import { refuseForeignPages } from './guard.ts'
import type { KeyRing } from './key-ring.ts'
import { Problem } from './problem.ts'
import { mayAct } from './roles.ts'

export class Admission {
  readonly #keys: KeyRing
  readonly #requiresKeys: boolean

  /** @param requiresKeys even where there are none yet, for others than this machine can reach the API */
  constructor(keys: KeyRing, requiresKeys: boolean) {
    this.#keys = keys
    this.#requiresKeys = requiresKeys
  }

  /**
   * Answers who makes the request, if they may use the endpoint.
   * @throws Problem
   */
  async admit(request: Request, { role }: Pick<Endpoint, 'role'>): Promise<Caller> {
    if (role === null) return anybody
    if (!this.#requiresKeys && (await this.#keys.isOpen())) {
      refuseForeignPages(request)
      return anybody
    }
    const identity = await this.#identify(request)
    if (!mayAct(identity.role, role)) {
      throw new Problem('forbidden', `this takes the role ${role}; the key ${identity.name} has ${identity.role}`)
    }
    return { name: `api:${identity.name}`, role: identity.role }
  }

  /** What a client is counted as: its key if that is known to be good, or its address. */
  clientOf(request: Request): string {
    const token = bearerToken(request.headers.authorization)
    const identity = token === null ? undefined : this.#keys.known(token)
    return identity === undefined ? `address ${ipKeyGenerator(request.socket.remoteAddress ?? '')}` : `key ${identity.keyId}`
  }

  async #identify(request: Request) {
    const token = bearerToken(request.headers.authorization)
    if (token === null) throw unauthorized('give an API key: Authorization: Bearer <key>')
    const identity = await this.#keys.identify(token)
    if (identity === null) throw unauthorized('the API key is unknown, revoked or expired')
    return identity
  }
}

function unauthorized(detail: string): Problem {
  return new Problem('unauthorized', detail, { headers: { 'WWW-Authenticate': 'Bearer realm="pgbeat"' } })
}
