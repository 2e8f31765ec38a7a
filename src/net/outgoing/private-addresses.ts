// Which addresses an origin that is not trusted must not lie at: those of this machine and of networks behind a firewall.
import { lookup as systemLookup } from 'node:dns'
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net'
import { Fault } from '../../std/fault.ts'

/** Contract §2.3. Beyond it what Linux takes for this machine: `0.0.0.0/8` and `::`. */
const NETS: readonly (readonly [net: string, bits: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
]

/** Whether an address must not be connected to. */
export type IsBlocked = (address: string) => boolean

/** Addresses of IPv4 in the clothes of IPv6 (`::ffff:10.0.0.1`) are judged as what they are. */
export function createIsPrivate(): IsBlocked {
  const blocked = new BlockList()
  for (const [net, bits, family] of NETS) blocked.addSubnet(net, bits, family)
  return address => blocked.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

export const blockedCode = 'origin-blocked'

export function blockedFault(host: string): Fault {
  return new Fault(blockedCode, `${host} lies at an address that must not be called`)
}

/** A literal is never looked up, so it is judged here. */
export function isBlockedLiteral(host: string, isBlocked: IsBlocked): boolean {
  return isIP(host) !== 0 && isBlocked(host)
}

/**
 * Judges what the resolver gave, at the moment at which it is connected to, so that a name cannot change in between. A
 * name that has one such address among others is refused as a whole: it points where it must not.
 */
export function guardLookup(isBlocked: IsBlocked, lookup: LookupFunction = systemLookup): LookupFunction {
  return (host, options, done) =>
    lookup(host, options, (error, found, family) => {
      if (error !== null) return done(error, found, family)
      const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address)
      if (addresses.some(isBlocked)) return done(blockedFault(host), '', 0)
      done(null, found, family)
    })
}
