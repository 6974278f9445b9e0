import type { IncomingMessage } from 'node:http'
import { Problem } from '../problem.ts'

const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

export function isLoopback(host: string): boolean {
  return loopback.has(host) || host === '::1'
}

/**
 * Without keys the API is open to whoever reaches the loopback address, and a web page in a browser on this machine
 * can: by its own origin, be it only another port, or by a name of its own that resolves here. Both show in the headers,
 * and are refused.
 * @throws Problem
 */
export function refuseForeignPages({ headers }: IncomingMessage): void {
  const host = hostnameOf(`http://${headers.host ?? ''}`)
  if (!loopback.has(host)) throw new Problem('foreign_host', `this API answers on loopback names only, not ${host}`)
  const { origin, 'sec-fetch-site': site } = headers
  const isOwn = origin === undefined || (URL.canParse(origin) && new URL(origin).host === headers.host?.toLowerCase())
  if (!isOwn || site === 'cross-site' || site === 'same-site') {
    throw new Problem('foreign_origin', `pages of ${origin ?? 'other sites'} may not use this API`)
  }
}

function hostnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : ''
}
