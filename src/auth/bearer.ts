// Checks a shared secret presented as `Authorization: Bearer SECRET`. Where the secret comes from, that it is
// trimmed, and what a refusal looks like on the wire are left to others.
import { hash, timingSafeEqual } from 'node:crypto'

const scheme = 'Bearer '
/** Secrets up to this length are compared in place, which costs a tenth of hashing them. */
const widthMax = 256

/**
 * The check for one secret, or for several while one replaces another. The header is the value of the first
 * `Authorization`, undefined without one. A secret that no header can carry never matches.
 */
export function createBearerCheck(secrets: readonly string[]): (header: string | undefined) => boolean {
  const matchers = secrets
    .filter(isPresentable)
    .map(secret =>
      Buffer.byteLength(secret) <= widthMax ? createPaddedMatch(secret) : createHashedMatch(secret),
    )
  return header => {
    if (header === undefined) return false
    // rpushd 1.0.3: the scheme is case-sensitive and followed by exactly one blank, the rest is the secret as is.
    if (!header.startsWith(scheme) || header.length === scheme.length) return false
    const given = header.slice(scheme.length)
    for (const matches of matchers) if (matches(given)) return true
    return false
  }
}

/** A header value with other bytes than visible ASCII, blanks and tabs counts as absent, so nothing else can be presented. */
export function isPresentable(text: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(text)
}

/** Both sides padded to one width, so that the time tells nothing of content or length. Readable text has no NUL. */
function createPaddedMatch(secret: string): (given: string) => boolean {
  const expected = Buffer.alloc(widthMax)
  expected.write(secret)
  const padded = Buffer.alloc(widthMax)
  let written = 0
  return given => {
    if (given.length > widthMax) return false
    if (given.length < written) padded.fill(0, given.length, written)
    written = padded.write(given, 'latin1')
    // The lower bytes of what is given; where they are right, the rest gives nothing away.
    return timingSafeEqual(padded, expected) && given === secret
  }
}

/** Digests have one length, so their comparison tells nothing of the secret's length either. */
function createHashedMatch(secret: string): (given: string) => boolean {
  const expected = hash('sha256', secret, 'buffer')
  return given => timingSafeEqual(hash('sha256', given, 'buffer'), expected)
}
