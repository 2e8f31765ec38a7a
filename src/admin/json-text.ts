// Cuts JSON text into the texts of its parts, where values would lose what a parser drops: digits of long numbers,
// the order of members, equal names. The text must have been parsed before: nothing is checked here.

const quote = 0x22
const comma = 0x2c
const backslash = 0x5c

interface Member {
  readonly name: string
  /** JSON text, perhaps with white space around it. */
  readonly text: string
}

/** The elements of an array, perhaps with white space around each. */
export function elementsOf(array: string): readonly string[] {
  const start = firstInside(array)
  const parts = partsFrom(array, start)
  return parts.length === 1 && parts[0]?.trim() === '' ? [] : parts
}

/** The members of an object in their order, equal names included. */
export function membersOf(object: string): readonly Member[] {
  return elementsOf(object).map(part => {
    const start = part.indexOf('"')
    const end = stringEnd(part, start) + 1
    const name: unknown = JSON.parse(part.slice(start, end))
    return { name: String(name), text: part.slice(part.indexOf(':', end) + 1) }
  })
}

/** Without the white space that means nothing. */
export function compact(text: string): string {
  let kept = ''
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === quote) at = stringEnd(text, at)
    else if (unit <= 0x20) {
      kept += text.slice(start, at)
      start = at + 1
    }
  }
  return kept + text.slice(start)
}

/** Behind the bracket or brace that opens the text. */
function firstInside(text: string): number {
  return text.search(/[[{]/) + 1
}

/** What commas of the outermost level separate, from a place inside it on. */
function partsFrom(text: string, first: number): string[] {
  const parts: string[] = []
  let start = first
  let depth = 1
  for (let at = first; depth > 0; at++) {
    const unit = text.charCodeAt(at)
    if (unit === quote) at = stringEnd(text, at)
    else if (isOpener(unit)) depth++
    else if (isCloser(unit)) depth--
    if (depth > 1 || (depth === 1 && unit !== comma)) continue
    parts.push(text.slice(start, at))
    start = at + 1
  }
  return parts
}

/** Where the string that begins at `start` has its closing quote. */
function stringEnd(text: string, start: number): number {
  let at = start + 1
  for (; text.charCodeAt(at) !== quote; at++) if (text.charCodeAt(at) === backslash) at++
  return at
}

/** `[` or `{`: they differ in one bit. */
function isOpener(unit: number): boolean {
  return (unit | 0x20) === 0x7b
}

function isCloser(unit: number): boolean {
  return (unit | 0x20) === 0x7d
}
