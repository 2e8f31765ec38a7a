// Where the tokens of a JSON text (RFC 8259) end. Whatever stands in a text: each function takes the place at which a
// token begins, and returns the one behind it, or the complement (`~`) of the place at which it is wrong, which is
// negative. A place outside of the text has no character, and so is wrong for everything.

// An imported constant is read from memory each time, so whoever walks over characters has constants of its own.
const quote = 0x22
const backslash = 0x5c
const minus = 0x2d
const plus = 0x2b
const point = 0x2e
const zero = 0x30
const nine = 0x39

/** The first place from `from` on that is no white space. */
export function skipBlanks(text: string, from: number): number {
  let at = from
  // Reading behind the end, which has no character either, would make every reading slow.
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) break
  }
  return at
}

/** The only words that JSON has, by their first letter. */
export function wordOf(unit: number): 'true' | 'false' | 'null' | undefined {
  if (unit === 0x74) return 'true'
  if (unit === 0x66) return 'false'
  return unit === 0x6e ? 'null' : undefined
}

/** `start`: its quote. Wrong are a control character, the end of the text, and an escape at its second character. */
export function endOfString(text: string, start: number): number {
  if (start < 0) return start
  let at = start + 1
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === quote) return at + 1
    if (unit < 0x20) return ~at
    if (unit !== backslash) continue
    const escaped = text.charCodeAt(++at)
    if (escaped === 0x75) {
      for (let digit = at + 1; digit <= at + 4; digit++) if (!isHexDigit(text.charCodeAt(digit))) return ~at
      at += 4
    } else if (!escapes.includes(escaped)) return ~at
  }
  return ~at
}

/** What stands for itself behind a backslash: one of `"\/bfnrt`. */
const escapes: readonly number[] = [...'"\\/bfnrt'].map(letter => letter.charCodeAt(0))

export function endOfNumber(text: string, start: number): number {
  if (start < 0) return start
  const end = endOfDecimal(text, start)
  return end < 0 ? end : endOfExponent(text, end)
}

/** `0`, or digits that begin with another, then perhaps a fraction. */
function endOfDecimal(text: string, start: number): number {
  const integer = text.charCodeAt(start) === minus ? start + 1 : start
  let at = skipDigits(text, integer)
  if (at === integer) return ~at
  if (text.charCodeAt(integer) === zero && at > integer + 1) return ~(integer + 1)
  if (text.charCodeAt(at) !== point) return at
  const fraction = at + 1
  at = skipDigits(text, fraction)
  return at === fraction ? ~at : at
}

/** `start` itself where no exponent begins. */
function endOfExponent(text: string, start: number): number {
  if ((text.charCodeAt(start) | 0x20) !== 0x65) return start
  const sign = text.charCodeAt(start + 1)
  const digits = sign === minus || sign === plus ? start + 2 : start + 1
  const end = skipDigits(text, digits)
  return end === digits ? ~end : end
}

function skipDigits(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (!isDigit(unit)) break
  }
  return at
}

function isDigit(unit: number): boolean {
  return unit >= zero && unit <= nine
}

function isHexDigit(unit: number): boolean {
  const letter = unit | 0x20
  return isDigit(unit) || (letter >= 0x61 && letter <= 0x66)
}
