// Strings in JSON text: normal form (only `"`, `\` and U+0000–U+001F escaped, the shortest way, hexadecimal in
// lower case) and decoding. What surrounds a string is left to json.ts.
import { meaningOf } from '../../std/json-walk.ts'

const quote = 0x22
const backslash = 0x5c

interface StringRead {
  /** The string in normal form with its quotes; empty if it is invalid. */
  readonly text: string
  /** Index behind the string, or of the fault. */
  readonly at: number
  readonly fault: string
}

/** The characters with a short escape by the letter behind the backslash, in normal form. */
const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['/', '/'],
  ['b', '\\b'],
  ['f', '\\f'],
  ['n', '\\n'],
  ['r', '\\r'],
  ['t', '\\t'],
])

/** Reads the string whose opening quote is at `start`, whatever it holds; json.ts reads simple strings itself. */
export function readString(text: string, start: number): StringRead {
  let normal = ''
  let run = start
  let at = start + 1
  while (at < text.length) {
    const unit = text.charCodeAt(at)
    if (unit === quote) return { text: normal + text.slice(run, at + 1), at: at + 1, fault: '' }
    if (unit === backslash) {
      const escaped = readEscape(text, at)
      if (escaped.fault !== '') return escaped
      normal += text.slice(run, at) + escaped.text
      at = escaped.at
      run = at
    } else if (unit < 0x20) {
      return fault('control character (\\u0000-\\u001F) found while parsing a string', at)
    } else if (isSurrogate(unit)) {
      if (!isPair(unit, text.charCodeAt(at + 1))) return fault('lone surrogate', at)
      at += 2
    } else {
      at++
    }
  }
  return fault('EOF while parsing a string', at)
}

/** The value of a JSON string in normal form; undefined if the text is another kind of value. */
export function stringOf(normal: string): string | undefined {
  return normal.startsWith('"') ? meaningOf(normal) : undefined
}

export function isSurrogate(unit: number): boolean {
  return (unit & 0xf800) === 0xd800
}

export function hasSurrogate(text: string): boolean {
  return /[\ud800-\udfff]/.test(text)
}

function readEscape(text: string, at: number): StringRead {
  if (at + 1 >= text.length) return fault('EOF while parsing a string', text.length)
  const short = shortEscapes.get(text.charAt(at + 1))
  if (short !== undefined) return { text: short, at: at + 2, fault: '' }
  if (text[at + 1] !== 'u') return fault('invalid escape', at + 1)
  const unit = hexUnit(text, at + 2)
  if (Number.isNaN(unit)) return fault('invalid escape', at + 1)
  if (!isSurrogate(unit)) return { text: encodeUnit(unit), at: at + 6, fault: '' }
  // rpushd 1.0.3: a surrogate escape without its other half is a syntax error.
  const second = text.startsWith('\\u', at + 6) ? hexUnit(text, at + 8) : Number.NaN
  if (!isPair(unit, second)) return fault('lone surrogate in hex escape', at + 1)
  return { text: String.fromCharCode(unit, second), at: at + 12, fault: '' }
}

/** The normal form of one code unit that is no surrogate; JSON.stringify escapes exactly what we must. */
function encodeUnit(unit: number): string {
  const character = String.fromCharCode(unit)
  return unit < 0x20 || unit === quote || unit === backslash
    ? JSON.stringify(character).slice(1, -1)
    : character
}

/** The number of four hexadecimal digits; NaN if they are not. */
function hexUnit(text: string, at: number): number {
  const digits = text.slice(at, at + 4)
  return /^[0-9A-Fa-f]{4}$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN
}

function isPair(first: number, second: number): boolean {
  return (first & 0xfc00) === 0xd800 && (second & 0xfc00) === 0xdc00
}

function fault(what: string, at: number): StringRead {
  return { text: '', at, fault: what }
}
