import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { PermanentError } from '../../errors.ts'
import { type AllowList, refusalOf } from './addresses.ts'

/** As `dns.lookup` with `all`: every address that a name has. */
export type Resolve = (
  host: string,
  options: { readonly all: true; readonly family?: number },
  callback: (error: NodeJS.ErrnoException | null, addresses: { address: string; family: number }[]) => void,
) => void

export const resolveBySystem: Resolve = (host, options, callback) => systemLookup(host, options, callback)

/**
 * Refuses what is written as an address. A name is looked at when it is looked up.
 * @throws PermanentError `address_refused`
 */
export function checkLiteral({ hostname }: URL, allowed: AllowList): void {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) === 0 || allowed.hasHost(host)) return
  checkAddress(host, host, allowed)
}

/**
 * What a connection has its addresses from. It connects to what it is given here and asks nobody again, so a name can't
 * lead elsewhere once it was looked at. One bad address among good ones is enough: who has both is up to something.
 */
export function guardedLookup(allowed: AllowList, resolve: Resolve): LookupFunction {
  return (host, { all = false, family }, callback) => {
    const wanted = family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : (family ?? 0)
    resolve(host, { all: true, family: wanted }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error !== null) return callback(error, '')
      if (first === undefined) return callback(new Error(`${host} has no address`), '')
      try {
        if (!allowed.hasHost(host)) for (const { address } of addresses) checkAddress(host, address, allowed)
      } catch (refusal) {
        return callback(refusal as PermanentError, '')
      }
      return all ? callback(null, addresses) : callback(null, first.address, first.family)
    })
  }
}

function checkAddress(host: string, address: string, allowed: AllowList): void {
  const refusal = refusalOf(address)
  if (refusal === null || allowed.hasAddress(address)) return
  const what = host === address ? `${host} is ${refusal}` : `${host} leads to ${address}, ${refusal}`
  throw new PermanentError('address_refused', `${what}: PGBEAT_HTTP_ALLOW of the worker does not allow it`)
}
