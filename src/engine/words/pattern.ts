// Channel patterns: `*` stands for any run of characters, everything else for itself.
import { isPrivate } from './private.ts'
import { channelNameBytesMax } from './publication.ts'

/** Why no channel could fit the pattern, to follow it; undefined: some could. */
export function patternFault(pattern: string): string | undefined {
  if (isPrivate(pattern)) return 'begins with U+0001, as no name of a channel does'
  const text = pattern.replaceAll('*', '')
  if (!text.isWellFormed()) return 'has half a character'
  return Buffer.byteLength(text) > channelNameBytesMax ? 'is longer than the name of any channel' : undefined
}

/**
 * Whether the whole name fits the pattern. Linear in practice and never worse than name × pattern: a star that was
 * passed is never tried again once a later one matched.
 */
export function matches(pattern: string, name: string): boolean {
  if (pattern === '*') return true
  let at = 0
  let from = 0
  let star = -1
  let resume = 0
  while (from < name.length) {
    if (pattern[at] === '*') {
      star = at++
      resume = from
    } else if (at < pattern.length && pattern[at] === name[from]) {
      at++
      from++
    } else if (star >= 0) {
      at = star + 1
      from = ++resume
    } else {
      return false
    }
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
