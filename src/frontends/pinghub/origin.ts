// Which pages may open a WebSocket: scheme and host of the Origin header against the list (Pinghub, origin rule).

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
 * An empty list lets everybody in, and no header is always allowed: native programs send none. Listed hosts are written in
 * small letters, as browsers do; the settings refuse what no browser sends.
 */
export function createOriginCheck(listed: readonly string[]): (header: string | undefined) => boolean {
  const origins = listed.map(text => parseOrigin(text.toLowerCase()))
  return header => {
    if (listed.length === 0 || header === undefined) return true
    const origin = parseOrigin(header)
    if (origin === undefined) return false
    return origins.some(one => one?.scheme === origin.scheme && one.host === origin.host)
  }
}
