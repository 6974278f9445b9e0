import type { IncomingMessage } from 'node:http'
import { Problem } from '../problem.ts'

/** Whether only this machine reaches an address. */
export function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(address)
}

/** A `Host` header that names it. */
const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i

/**
 * Without keys the API is open to whoever reaches the loopback address, and a web page in a browser on this machine
 * can: by its own origin, be it only another port, or by a name of its own that resolves here. Both show in the headers,
 * and are refused.
 * @throws Problem
 */
export function refuseForeignPages(request: IncomingMessage): void {
  const host = request.headers.host ?? ''
  if (!loopbackHost.test(host)) {
    throw new Problem('foreign_host', `this API answers on loopback names only, not ${host}`)
  }
  refuseForeignOrigins(request)
}

/**
 * A browser that has logged in sends its cookie whoever's page asks it to, if that is on the same site.
 * @throws Problem
 */
export function refuseForeignOrigins({ headers }: IncomingMessage): void {
  const { host = '', origin, 'sec-fetch-site': site } = headers
  const isOwn = origin === undefined || (URL.canParse(origin) && new URL(origin).host === host.toLowerCase())
  if (!isOwn || site === 'cross-site' || site === 'same-site') {
    throw new Problem('foreign_origin', `pages of ${origin ?? 'other sites'} may not use this API`)
  }
}
