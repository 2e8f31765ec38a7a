// Whether a text is JSON, in one pass that makes nothing of it. What strangers send is judged so before anybody parses
// it: a parser pays for each object, list and key that it makes, and a megabyte has room for half a million of them.
import { endOfNumber, endOfString, skipBlanks, wordOf } from './json-tokens.ts'

const closeBrace = 0x7d
const colon = 0x3a
const comma = 0x2c
const openBrace = 0x7b
const openBracket = 0x5b
const quote = 0x22

/** Objects and lists inside of one another, for whatever clients send: nobody nests deeper but to exhaust somebody. */
export const jsonDepthMax = 128

/** `depth`: more than `jsonDepthMax`, whatever stands behind it. */
type JsonFault = 'syntax' | 'depth'

/** Where something is wrong: no text has a character there. */
const nowhere = -1

export function isJson(text: string): boolean {
  return jsonFaultOf(text) === undefined
}

/** The first fault of what should be one value (RFC 8259), by the same rules as `JSON.parse`, and by depth. */
export function jsonFaultOf(text: string): JsonFault | undefined {
  /** What closes the objects and lists that are open, the innermost last. */
  const closers: number[] = []
  let at = skipBlanks(text, 0)
  for (;;) {
    const unit = text.charCodeAt(at)
    if (unit === openBrace || unit === openBracket) {
      if (closers.length === jsonDepthMax) return 'depth'
      // Both are two before what closes them.
      const closer = unit + 2
      closers.push(closer)
      at = skipBlanks(text, at + 1)
      if (text.charCodeAt(at) !== closer) {
        if (closer === closeBrace) at = skipName(text, at)
        continue
      }
    } else {
      at = skipBlanks(text, endOfScalar(text, at, unit))
    }
    let closer = closers.at(-1)
    for (; closer !== undefined && text.charCodeAt(at) === closer; closer = closers.at(-1)) {
      closers.pop()
      at = skipBlanks(text, at + 1)
    }
    if (closer === undefined) return at === text.length ? undefined : 'syntax'
    if (text.charCodeAt(at) !== comma) return 'syntax'
    at = skipBlanks(text, at + 1)
    if (closer === closeBrace) at = skipName(text, at)
  }
}

/** From the name of a member to its value. */
function skipName(text: string, start: number): number {
  if (text.charCodeAt(start) !== quote) return nowhere
  const end = skipBlanks(text, endOfString(text, start))
  return text.charCodeAt(end) === colon ? skipBlanks(text, end + 1) : nowhere
}

function endOfScalar(text: string, start: number, unit: number): number {
  if (unit === quote) return endOfString(text, start)
  const word = wordOf(unit)
  if (word === undefined) return endOfNumber(text, start)
  return text.startsWith(word, start) ? start + word.length : nowhere
}
