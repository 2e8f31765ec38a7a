// Which pages may open a WebSocket: scheme and host of the Origin header against the list (Pinghub, origin rule).
import { isLoopbackHost } from '../../std/address.ts'

interface Origin {
  readonly scheme: string
  /** With its port where one is written. Case counts, and no port is implied. */
  readonly host: string
}

/** A backslash ends the host for browsers, so `https://a\@b` would mean a there and b here: there is no host in it. */
const form = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:[^/?#\\]*@)?([^/?#@\s\\]+)(?:[/?#].*)?$/

/** The scheme in small letters; user, path and the rest do not count. Undefined: without a scheme or a host. */
export function parseOrigin(text: string): Origin | undefined {
  const [, scheme, host] = form.exec(text) ?? []
  return scheme === undefined || host === undefined ? undefined : { scheme: scheme.toLowerCase(), host }
}

/**
 * No header is always allowed: native programs send none. An empty list lets everybody in, in development the pages of
 * this machine alone: whatever page a developer has open in a browser reaches loopback, and there are no credentials.
 * Listed hosts are written in small letters, as browsers do; the settings refuse what no browser sends.
 */
export function createOriginCheck(
  listed: readonly string[],
  isDevelopment = false,
): (header: string | undefined) => boolean {
  const origins = listed.map(text => parseOrigin(text.toLowerCase()))
  return header => {
    if (header === undefined || (listed.length === 0 && !isDevelopment)) return true
    const origin = parseOrigin(header)
    if (origin === undefined) return false
    if (listed.length === 0) return isOfThisMachine(origin)
    return origins.some(one => one?.scheme === origin.scheme && one.host === origin.host)
  }
}

function isOfThisMachine(origin: Origin): boolean {
  const host = origin.host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
  return isLoopbackHost(host)
}
