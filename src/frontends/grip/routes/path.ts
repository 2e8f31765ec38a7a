// The path of a request before rules see it, and as the origin gets it. What is sent is what was routed (contract fault
// 28): dot segments are resolved first, and `%2e` is a dot; everything else stays byte for byte.
import type { Rule } from './rule.ts'

const dot = /^(?:\.|%2e)$/i
const twoDots = /^(?:\.|%2e){2}$/i

/** Of a path that begins with a slash; anything else, such as `*`, is no path and stays as it is (RFC 3986 section 5.2.4). */
export function normalisePath(path: string): string {
  if (!path.startsWith('/') || !hasDotSegment(path)) return path
  const kept: string[] = []
  const segments = path.slice(1).split('/')
  for (const [index, segment] of segments.entries()) {
    const isUp = twoDots.test(segment)
    if (isUp) kept.pop()
    else if (!dot.test(segment)) {
      kept.push(segment)
      continue
    }
    // What a dot segment at the end names is a folder.
    if (index === segments.length - 1) kept.push('')
  }
  return `/${kept.join('/')}`
}

/**
 * The path for the origin: something is removed in front, then something is put there (contract §2.4). Undefined where
 * that made a dot segment, as `/pub../x` with `/pub` removed does: it would lead where no rule leads.
 */
export function rewritePath(
  path: string,
  { pathBeg, pathRem, replaceBeg }: Pick<Rule, 'pathBeg' | 'pathRem' | 'replaceBeg'>,
): string | undefined {
  if (replaceBeg === undefined && pathRem === 0) return path
  const rest = path.slice(replaceBeg === undefined ? pathRem : pathBeg.length)
  const joined = `${replaceBeg ?? ''}${rest}`
  const rewritten = joined.startsWith('/') ? joined : `/${joined}`
  return hasDotSegment(rewritten) ? undefined : rewritten
}

function hasDotSegment(path: string): boolean {
  return /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path)
}
