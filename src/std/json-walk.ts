// The parts of a text that is known to be JSON, as they stand: nothing is checked, and nothing is made of them. Values
// would lose what a parser drops: digits of long numbers, the order of members, equal names. A text may hold a million
// escapes, so nothing costs more than the characters.
import { skipBlanks } from './json-tokens.ts'

const backslash = 0x5c
const closeBrace = 0x7d
const closeBracket = 0x5d
const comma = 0x2c
const openBrace = 0x7b
const openBracket = 0x5b
const quote = 0x22

/** No element behind this one is of interest. */
export const enough = -1

/** Calls `take` for each member of the object that begins at `start`; `take` returns where the member's value ends. */
export function walkObject(
  text: string,
  start: number,
  take: (name: string, valueAt: number) => number,
): number {
  let at = skipBlanks(text, start + 1)
  while (text.charCodeAt(at) !== closeBrace) {
    const nameEnd = passString(text, at)
    const name = meaningOf(text.slice(at, nameEnd))
    const valueAt = skipBlanks(text, skipBlanks(text, nameEnd) + 1)
    at = skipBlanks(text, take(name, valueAt))
    if (text.charCodeAt(at) === comma) at = skipBlanks(text, at + 1)
  }
  return at + 1
}

/**
 * Calls `take` for each element of the list that begins at `start`; `take` returns where the element ends, or `enough`.
 * Returns where the list ends, unless somebody had enough.
 */
export function walkList(text: string, start: number, take: (elementAt: number) => number): number {
  let at = skipBlanks(text, start + 1)
  while (text.charCodeAt(at) !== closeBracket) {
    const end = take(at)
    if (end === enough) return enough
    at = skipBlanks(text, end)
    if (text.charCodeAt(at) === comma) at = skipBlanks(text, at + 1)
  }
  return at + 1
}

/** Behind the value that begins at `start`, whatever it is. */
export function passValue(text: string, start: number): number {
  const unit = text.charCodeAt(start)
  if (unit === quote) return passString(text, start)
  if (unit !== openBrace && unit !== openBracket) return passScalar(text, start)
  let depth = 0
  for (let at = start; ; at++) {
    const inner = text.charCodeAt(at)
    if (inner === quote) at = passString(text, at) - 1
    else if (inner === openBrace || inner === openBracket) depth++
    else if ((inner === closeBrace || inner === closeBracket) && --depth === 0) return at + 1
  }
}

/** Behind the quote that closes the string whose first one is at `start`. */
export function passString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === quote) return at + 1
    if (unit === backslash) at++
  }
  return text.length
}

/** A number or a word: up to white space, a comma or a bracket, all of which JSON has outside of them. */
export function passScalar(text: string, start: number): number {
  let at = start
  for (let unit = text.charCodeAt(at); unit > 0x20; unit = text.charCodeAt(++at)) {
    if (unit === comma || unit === closeBrace || unit === closeBracket) break
  }
  return at
}

/** What the string means that begins there; undefined: another value does. */
export function stringAt(text: string, at: number): string | undefined {
  return text.charCodeAt(at) === quote ? meaningOf(text.slice(at, passString(text, at))) : undefined
}

/** What a string means that stands so in JSON, its quotes included. */
export function meaningOf(raw: string): string {
  return raw.includes('\\') ? JSON.parse(raw) : raw.slice(1, -1)
}

/** Where an escape means half of a surrogate pair whose other half is no escape beside it; -1: nowhere. */
export function halfPairAt(text: string): number {
  /** Of the first half whose other half must follow. */
  let firstAt = -1
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', at)) {
    if (text.charAt(at + 1) !== 'u') {
      at += 2
      continue
    }
    const unit = Number.parseInt(text.slice(at + 2, at + 6), 16)
    const isSecond = unit >= 0xdc00 && unit <= 0xdfff
    if (firstAt !== -1 && !(isSecond && at === firstAt + 6)) return firstAt
    if (firstAt === -1 && isSecond) return at
    firstAt = unit >= 0xd800 && unit < 0xdc00 ? at : -1
    at += 6
  }
  return firstAt
}
