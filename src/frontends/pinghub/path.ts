// A request target to its channel, byte by byte as the original's router does it: decoded once, cleaned by a redirect,
// then checked. Bytes travel as Latin-1 text, so that what is no UTF-8 survives until it is refused.
import { isUtf8 } from 'node:buffer'

export type Target =
  /** The original's HTTP parser refuses it. */
  | { readonly kind: 'malformed' }
  /** There is a cleaner path for it, for every method. */
  | { readonly kind: 'moved'; readonly location: string }
  | { readonly kind: 'not-utf8' }
  | { readonly kind: 'bad-length' }
  /** `path` is decoded and begins with a slash; `channel` is without it. */
  | { readonly kind: 'channel'; readonly path: string; readonly channel: string }

/** Code points, the first slash included (Pinghub, fixed constants). */
const pathLengthMax = 256

const control = /[\0-\x1f\x7f]/

/** `raw` and `query` as they came; no query is another thing than an empty one. */
export function parseTarget(raw: string, query: string | undefined): Target {
  if (control.test(raw) || (query !== undefined && control.test(query))) return { kind: 'malformed' }
  const decoded = percentDecode(Buffer.from(raw).toString('latin1'))
  if (decoded === undefined) return { kind: 'malformed' }
  const clean = cleanPath(decoded)
  if (clean !== decoded) {
    return { kind: 'moved', location: percentEncode(clean) + (query === undefined ? '' : `?${query}`) }
  }
  const bytes = Buffer.from(decoded, 'latin1')
  // The library has put a replacement character in place of raw bytes that are no UTF-8.
  if (raw.includes('\ufffd') || !isUtf8(bytes)) return { kind: 'not-utf8' }
  const path = bytes.toString()
  // A path has no more code units than bytes, and at least a quarter as many code points.
  if (bytes.length > pathLengthMax && [...path].length > pathLengthMax) return { kind: 'bad-length' }
  return { kind: 'channel', path, channel: path.slice(1) }
}

/** Undefined where an escape is none. */
function percentDecode(text: string): string | undefined {
  if (!text.includes('%')) return text
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined
  return text.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** No empty segments, no `.` and no `..`; a slash at the end stays. */
function cleanPath(path: string): string {
  if (!/\/\/|\/\.{1,2}(?:\/|$)/.test(path) && path.startsWith('/')) return path
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  const clean = `/${kept.join('/')}`
  return path.endsWith('/') && kept.length > 0 ? `${clean}/` : clean
}

/** As the original's library writes paths: upper-case escapes for all but these. */
function percentEncode(path: string): string {
  return path.replace(
    /[^A-Za-z0-9\-_.~$&+,/:;=@]/g,
    byte => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
