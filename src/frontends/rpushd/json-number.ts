// Numbers in JSON text. Their text is kept as sent, so that all there is to do is to find where one ends and
// whether a double can hold it.

const minus = 0x2d
const point = 0x2e
const zero = 0x30
const nine = 0x39

/** A number with fewer characters and no exponent is finite whatever its digits. */
const finiteCharacters = 300

/** Index behind the number at `start`, or the complement (`~`) of the index at which it is wrong. */
export function numberEnd(text: string, start: number): number {
  const integer = text.charCodeAt(start) === minus ? start + 1 : start
  let at = digitsEnd(text, integer)
  if (at === integer) return ~at
  if (text.charCodeAt(integer) === zero && at > integer + 1) return ~(integer + 1)
  if (text.charCodeAt(at) === point) {
    const fraction = at + 1
    at = digitsEnd(text, fraction)
    if (at === fraction) return ~at
  }
  const hasExponent = (text.charCodeAt(at) | 0x20) === 0x65
  if (hasExponent) {
    const sign = text.charAt(at + 1)
    const exponent = sign === '+' || sign === '-' ? at + 2 : at + 1
    at = digitsEnd(text, exponent)
    if (at === exponent) return ~at
  }
  const surelyFinite = !hasExponent && at - start < finiteCharacters
  // rpushd 1.0.3: a number beyond the range of a double is a syntax error.
  return surelyFinite || Number.isFinite(Number(text.slice(start, at))) ? at : ~start
}

/** What is wrong with the number at `start` when `numberEnd` says that it is wrong at `at`. */
export function numberFault(text: string, start: number, at: number): string {
  if (at > start) return 'invalid number'
  return /[-\d]/.test(text.charAt(start)) ? 'number out of range' : 'expected value'
}

function digitsEnd(text: string, start: number): number {
  let at = start
  while (at < text.length) {
    const unit = text.charCodeAt(at)
    if (unit < zero || unit > nine) break
    at++
  }
  return at
}
