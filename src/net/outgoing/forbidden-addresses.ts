// Which addresses a call of the operator's own must not reach. He wrote the URL, so loopback and private networks are his to
// name; what no service lies at is not, nor are the node's own listeners, which would take the call for a client's.
import { BlockList, isIP, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type Address, isLoopback, parseAddress } from '../../std/address.ts'

type Family = 'ipv4' | 'ipv6'

/** Unspecified (which Linux takes for itself), link-local (where clouds keep credentials), multicast and what lies behind it. */
const NETS: readonly (readonly [net: string, bits: number, family: Family])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
  // Where clouds keep them beside that: Amazon's by IPv6, Alibaba's, Oracle's.
  ['fd00:ec2::254', 128, 'ipv6'],
  ['100.100.100.200', 32, 'ipv4'],
  ['192.0.0.192', 32, 'ipv4'],
  // Link-local as relays and translators of addresses have it (RFC 3056, RFC 6052).
  ['2002:a9fe::', 32, 'ipv6'],
  ['64:ff9b::a9fe:0', 112, 'ipv6'],
]

/** Whether a connection to the address must not be made. */
export type IsForbidden = (address: string, port: number) => boolean

/**
 * `allow` has exceptions: `address`, `address/bits`, `address:port`, IPv6 with a port in brackets. Those that are none count for
 * nothing; see `allowanceFault`. `own` are listeners of this node.
 */
export function createIsForbidden(allow: readonly string[], own: readonly Address[]): IsForbidden {
  const forbidden = new BlockList()
  for (const [net, bits, family] of NETS) forbidden.addSubnet(net, bits, family)
  const allowed = new BlockList()
  const places = new Set<string>()
  for (const text of allow) {
    const allowance = parseAllowance(text)
    if (allowance === undefined) continue
    const { address, bits, port } = allowance
    if (port !== undefined) places.add(placeOf(address, port))
    else allowed.addSubnet(address, bits, familyOf(address))
  }
  return (address, port) => {
    const family = familyOf(address)
    if (allowed.check(address, family) || places.has(placeOf(address, port))) return false
    return forbidden.check(address, family) || own.some(listener => reaches(listener, address, port))
  }
}

/** Why it is none, to follow `which`. */
export function allowanceFault(text: string): string | undefined {
  return parseAllowance(text) === undefined
    ? 'is no address, address/bits or address:port; a name is none, for it may point anywhere'
    : undefined
}

interface Allowance {
  readonly address: string
  readonly bits: number
  readonly port: number | undefined
}

function parseAllowance(text: string): Allowance | undefined {
  if (isIP(text) !== 0) return { address: text, bits: widthOf(text), port: undefined }
  const [, net = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  if (isIP(net) !== 0) {
    const bits = Number(digits)
    return bits <= widthOf(net) ? { address: net, bits, port: undefined } : undefined
  }
  const place = text.includes(':') ? parseAddress(text) : undefined
  if (place === undefined || isIP(place.host) === 0 || place.port === 0) return undefined
  return { address: place.host, bits: widthOf(place.host), port: place.port }
}

/** A listener on all addresses is reached by each of this machine. */
function reaches(listener: Address, address: string, port: number): boolean {
  if (listener.path !== undefined || listener.port !== port) return false
  const [plain, host] = [plainOf(address), plainOf(listener.host)]
  if (host === 'localhost') return isLoopback({ host: plain, port })
  // Which addresses a name has is not known here.
  const isEvery = isIP(host) === 0 || host === '0.0.0.0' || host === '::'
  return isEvery ? isOfThisMachine(plain) : host === plain
}

/** Asked when a connection is made, which is rare, for a machine's addresses change. */
function isOfThisMachine(address: string): boolean {
  if (isLoopback({ host: address, port: 0 })) return true
  const lists = Object.values(networkInterfaces())
  return lists.some(list => list?.some(one => plainOf(one.address) === address))
}

/** One text for each place, however its address is spelled. */
function placeOf(address: string, port: number): string {
  return `${plainOf(address)} ${port}`
}

/** IPv6 in the one spelling that URLs have, without its zone; IPv4 in the clothes of IPv6 as what it is. */
function plainOf(address: string): string {
  if (!isIPv6(address)) return address
  const plain = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(plain) ?? []
  if (high === undefined || low === undefined) return plain
  const [upper, lower] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [upper >> 8, upper & 255, lower >> 8, lower & 255].join('.')
}

function familyOf(address: string): Family {
  return isIPv6(address) ? 'ipv6' : 'ipv4'
}

function widthOf(address: string): number {
  return isIPv6(address) ? 128 : 32
}
