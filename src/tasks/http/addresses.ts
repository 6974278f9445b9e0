import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type Address = ReturnType<typeof ipaddr.process>

/** Public by its number, and yet answered by the machine that a cloud's virtual machine runs on. */
const metadata = ['168.63.129.16'].map((address) => ipaddr.parse(address).toString())

/** Where in an address that stands for an IPv4 address that one is. */
const translated = ['64:ff9b::/96', '::/96', '::ffff:0:0:0/96'].map((range) => ipaddr.IPv6.parseCIDR(range))

/**
 * Why a request to an address is refused unless it is allowed, in a word or two; null for one that anybody can reach.
 * What is no address at all is refused too.
 */
export function refusalOf(text: string): string | null {
  const address = parse(text)
  if (address === undefined) return 'not an address'
  if (metadata.includes(address.toString())) return 'a metadata address'
  const range = address.range()
  if (range !== 'unicast') return names[range] ?? 'not a public address'
  return isGlobal(address) ? null : 'not a public address'
}

const names: Readonly<Record<string, string>> = {
  broadcast: 'the broadcast address',
  carrierGradeNat: 'an address behind carrier-grade NAT',
  linkLocal: 'a link-local address',
  loopback: 'a loopback address',
  multicast: 'a multicast address',
  private: 'a private address',
  uniqueLocal: 'a unique local address',
  unspecified: 'the unspecified address',
}

/** Of IPv6 nothing but 2000::/3 is given out to anybody. */
function isGlobal(address: Address): boolean {
  return !('parts' in address) || (address.parts[0] ?? 0) >> 13 === 1
}

/** Hosts, addresses and ranges that requests may be sent to although they are not public. */
export class AllowList {
  readonly #hosts = new Set<string>()
  readonly #ranges: ReturnType<typeof ipaddr.parseCIDR>[] = []

  /**
   * @param text `10.0.0.0/8, 127.0.0.1, fd00::/8, intranet.example.com`
   * @throws RangeError for an entry that is none of these
   */
  constructor(text: string) {
    for (const entry of text.split(',').map((part) => part.trim().toLowerCase())) {
      if (entry === '') continue
      if (isIP(entry) !== 0) this.#ranges.push([ipaddr.parse(entry), isIP(entry) === 4 ? 32 : 128])
      else if (isIP(entry.split('/')[0] ?? '') !== 0 && ipaddr.isValidCIDR(entry))
        this.#ranges.push(ipaddr.parseCIDR(entry))
      else if (/^(?!\d+(\.\d+)*$)[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(entry)) this.#hosts.add(entry)
      else throw new RangeError(`${entry} is neither a host, nor an address, nor a range such as 10.0.0.0/8`)
    }
  }

  /** Wherever its name leads. */
  hasHost(host: string): boolean {
    return this.#hosts.has(host.toLowerCase().replace(/\.$/, ''))
  }

  hasAddress(text: string): boolean {
    const address = parse(text)
    if (address === undefined) return false
    return this.#ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range as never, bits))
  }
}

/** An IPv6 address that stands for an IPv4 address is that one: it is where the request arrives. */
function parse(text: string): Address | undefined {
  // As the system writes them: ipaddr.js understands more.
  if (isIP(text) === 0) return undefined
  const address = ipaddr.process(text)
  if (address.kind() === 'ipv4') return address
  const six = address as ipaddr.IPv6
  const isLocal = ['unspecified', 'loopback'].includes(six.range())
  if (isLocal || !translated.some((range) => six.match(range))) return six
  return ipaddr.fromByteArray(six.toByteArray().slice(12))
}
