// Whether a text is JSON, in one pass that makes nothing of it. What strangers send is judged so before anybody parses
// it: a parser pays for each object, list and key that it makes, and a megabyte has room for half a million of them.

/** Objects and lists inside of one another, for whatever clients send: nobody nests deeper but to exhaust somebody. */
export const jsonDepthMax = 128

/** `depth`: more than `jsonDepthMax`, whatever stands behind it. */
type JsonFault = 'syntax' | 'depth'

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const backslash = 0x5c
const openBracket = 0x5b
const openBrace = 0x7b
const closeBrace = 0x7d

/** Where nothing of the expected kind is: there is no character. */
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

function skipBlanks(text: string, from: number): number {
  for (let at = from; ; at++) {
    const unit = text.charCodeAt(at)
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return at
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
  const word = words.get(unit)
  if (word !== undefined) return text.startsWith(word, start) ? start + word.length : nowhere
  return endOfNumber(text, start)
}

/** By their first letters. */
const words: ReadonlyMap<number, string> = new Map(
  ['true', 'false', 'null'].map(word => [word.charCodeAt(0), word]),
)

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === quote) return at + 1
    if (unit < 0x20) return nowhere
    if (unit !== backslash) continue
    const escaped = text.charCodeAt(++at)
    if (escaped !== 0x75) {
      if (!isEscape(escaped)) return nowhere
      continue
    }
    for (const end = at + 4; at < end; ) if (!isHexDigit(text.charCodeAt(++at))) return nowhere
  }
  return nowhere
}

/** One of `"\/bfnrt`, of which `u` is not. */
function isEscape(unit: number): boolean {
  return escapes.includes(unit)
}

const escapes: readonly number[] = [...'"\\/bfnrt'].map(letter => letter.charCodeAt(0))

/** `0`, or digits that begin with another, then perhaps a fraction and an exponent. */
function endOfNumber(text: string, start: number): number {
  let at = text.charCodeAt(start) === minus ? start + 1 : start
  at = text.charCodeAt(at) === 0x30 ? at + 1 : endOfDigits(text, at)
  if (text.charCodeAt(at) === point) at = endOfDigits(text, at + 1)
  if ((text.charCodeAt(at) | 0x20) !== 0x65) return at
  const sign = text.charCodeAt(at + 1)
  return endOfDigits(text, sign === minus || sign === 0x2b ? at + 2 : at + 1)
}

/** At least one. */
function endOfDigits(text: string, start: number): number {
  let at = start
  while (isDigit(text.charCodeAt(at))) at++
  return at === start ? nowhere : at
}

const minus = 0x2d
const point = 0x2e

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39
}

function isHexDigit(unit: number): boolean {
  const letter = unit | 0x20
  return isDigit(unit) || (letter >= 0x61 && letter <= 0x66)
}
