// Whom the admin listener answers at all, before anything else is looked at. A page of another site must reach it
// neither under its own name (DNS rebinding: such a request has a foreign Host) nor from a user's browser.
import { isIP } from 'node:net'
import { hostName, plainOrigin } from '../std/origin.ts'
import type { AdminSettings } from './settings.ts'

export type Access =
  | {
      readonly ok: true
      /** Named in the settings, so its pages may read the answer; undefined: no browser asks across origins. */
      readonly origin: string | undefined
    }
  | {
      readonly ok: false
      readonly code: 'host-not-allowed' | 'origin-not-allowed'
      readonly detail: string
    }

type Names = Pick<AdminSettings, 'hosts' | 'origins'>

/** `header` gives a request header by its lower-case name. `hasPages`: the listener's own pages may ask, too. */
export function checkAccess(
  header: (name: string) => string | undefined,
  { hosts, origins }: Names,
  hasPages = false,
): Access {
  if (!isOwnHost(header('host') ?? '', hosts)) {
    const detail =
      'The Host header names neither an IP address, nor localhost, nor a name in RINGCAST_ADMIN_HOSTS.'
    return { ok: false, code: 'host-not-allowed', detail }
  }
  const origin = header('origin')
  // The host is one of ours, so only a page that came from here has it in its origin.
  if (hasPages && origin?.toLowerCase() === `http://${header('host')?.toLowerCase()}`) {
    return { ok: true, origin: undefined }
  }
  const isListed = origin !== undefined && origins.some(own => plainOrigin(own) === plainOrigin(origin))
  if (origin !== undefined && !isListed) {
    const detail = 'The Origin header names an origin that is not in RINGCAST_ADMIN_ORIGINS.'
    return { ok: false, code: 'origin-not-allowed', detail }
  }
  // Browsers leave the origin out where a page only embeds or links, and say this instead (Fetch Metadata, 2.3).
  if (origin === undefined && header('sec-fetch-site')?.toLowerCase() === 'cross-site') {
    return { ok: false, code: 'origin-not-allowed', detail: 'A page of another site sends this request.' }
  }
  return { ok: true, origin }
}

/** An IP address cannot be rebound: whoever writes it into a page has to be that address's own origin. */
function isOwnHost(host: string, hosts: readonly string[]): boolean {
  const name = hostName(host)
  if (name === undefined) return false
  const isListed = hosts.some(own => hostName(own) === name)
  return isListed || name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0
}
