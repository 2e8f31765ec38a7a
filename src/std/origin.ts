// Names in lists of origins and hosts, and whether any request can ever have them: what no browser writes matches nothing.

/** As browsers write it (RFC 6454 section 6.2): no path, hence no slash that an operator may have copied. */
export function plainOrigin(text: string): string {
  return text.toLowerCase().replace(/\/$/, '')
}

/** Why nothing can match it, to follow `which is`. */
export interface Unfit {
  readonly reason: string
  /** What was probably meant. */
  readonly meant: string | undefined
}

const originForm = /^([a-z][a-z0-9+.-]*):\/\/[^/?#@\\\s*]+$/

/**
 * An origin as it stands in a list: in any case, and perhaps with the slash that whoever copied it took along. Browsers
 * write scheme, host and a port that is not the usual one (RFC 6454 section 6.2), hosts as URLs have them.
 */
export function unfitOrigin(text: string): Unfit | undefined {
  const plain = plainOrigin(text)
  if (plain === 'null') return { reason: 'what every page without an origin sends', meant: undefined }
  const scheme = originForm.exec(plain)?.[1]
  // Apps have schemes and hosts of their own, and nobody writes those in two ways.
  if (scheme !== undefined && !/^(?:https?|wss?)$/.test(scheme)) return undefined
  const meant = meantOrigin(plain)
  if (scheme !== undefined && meant === plain) return undefined
  const reason = plain.includes('*')
    ? 'no origin: a star stands for nothing in it, so list each'
    : 'no origin as browsers send it (scheme://host[:port])'
  return { reason, meant }
}

/** The name in a Host header or a list of hosts: lower case and without the port (RFC 9110 section 7.2). */
export function hostName(text: string): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[^\s:[\]/@]+)(?::\d{0,5})?$/.exec(text.toLowerCase())?.[1]
}

export function unfitHost(text: string): Unfit | undefined {
  if (text.includes('*')) {
    return { reason: 'no host: a star stands for nothing in it, so list each', meant: undefined }
  }
  if (hostName(text) !== undefined) return undefined
  const url = [text, `http://${text}`, `http://[${text}]`].find(
    each => /^https?:/.test(each) && URL.canParse(each),
  )
  return { reason: 'no host: write a name or an address alone', meant: url && new URL(url).hostname }
}

/** As a browser would send it. */
function meantOrigin(plain: string): string | undefined {
  const web = plain.replace(/^ws(?=s?:)/, 'http')
  const scheme = /^(?:localhost|127\.|\[::1\])/.test(web) ? 'http' : 'https'
  const url = /^https?:\/\//.test(web) ? web : `${scheme}://${web}`
  if (web.includes('*') || !URL.canParse(url)) return undefined
  const { origin, hostname } = new URL(url)
  // A word alone is rather no host at all.
  return url === web || hostname.includes('.') || hostname === 'localhost' || hostname.includes(':')
    ? origin
    : undefined
}
