// Which channels a token opens: names and patterns out of its claim `channels`, segment by segment, without any step
// back. A star is a wildcard only where it is a whole segment (README.md, Wildcards).

export type Wildcards = 'wide' | 'strict'

/** A name has as many bytes at most. */
const patternLengthMax = 1_024
/** More than anybody writes by hand; the cost would be linear without it, too. */
export const starsMax = 16
/** More patterns than this in one token are not looked at. */
const patternsMax = 1_000

/** Undefined: the claim is absent or null. Whatever is no list of texts opens nothing. */
export function grantsOf(claim: unknown): readonly string[] | undefined {
  if (claim === undefined || claim === null) return undefined
  if (!Array.isArray(claim)) return []
  return claim.slice(0, patternsMax).filter(pattern => typeof pattern === 'string')
}

/** Whether some pattern covers the name, or, where the name has wildcards itself, everything that it covers. */
export function isGranted(grants: readonly string[], name: string, wildcards: Wildcards): boolean {
  return grants.some(pattern => covers(pattern, name, wildcards))
}

/**
 * Linear in the shorter of both, and nothing is cut into a list: a token's thousand patterns may meet a request's hundred
 * names. A pattern beyond the limits covers nothing.
 */
export function covers(pattern: string, name: string, wildcards: Wildcards): boolean {
  if (pattern.length > patternLengthMax || name === '') return false
  if (pattern === name) return true
  if (!pattern.includes('*')) return false
  if (pattern === '*') return wildcards === 'wide' || isOneSegment(name)
  let stars = 0
  for (let at = 0, own = 0; own <= name.length; ) {
    const [end, ownEnd] = [segmentEnd(pattern, at), segmentEnd(name, own)]
    const isLast = end === pattern.length
    if (!isStar(pattern, at, end)) {
      if (pattern.slice(at, end) !== name.slice(own, ownEnd)) return false
    } else {
      if (++stars > starsMax || own === ownEnd) return false
      if (isLast && wildcards === 'wide') return true
      // A star at the end of a pattern stands for more than one that stands inside.
      if (wildcards === 'wide' && ownEnd === name.length && isStar(name, own, ownEnd)) return false
    }
    if (isLast) return ownEnd === name.length
    at = end + 1
    own = ownEnd + 1
  }
  return false
}

/** Whether there is a name that it covers. */
export function isUsablePattern(pattern: string): boolean {
  const stars = pattern.split('.').filter(segment => segment === '*').length
  return pattern !== '' && pattern.length <= patternLengthMax && stars <= starsMax
}

function segmentEnd(text: string, from: number): number {
  const end = text.indexOf('.', from)
  return end === -1 ? text.length : end
}

function isStar(text: string, from: number, end: number): boolean {
  return end === from + 1 && text.charCodeAt(from) === 0x2a
}

function isOneSegment(name: string): boolean {
  return !name.includes('.')
}

/** Whether the name is a pattern rather than a channel's own. */
export function isPattern(name: string): boolean {
  return name.includes('*') && name.split('.').includes('*')
}
