// Strings of JSON: where one ends, what it means, and its normal form. A body may hold a million escapes, so nothing here
// costs more than its characters.

export const quoteUnit = 0x22
const backslash = 0x5c

/** A text as a JSON string in normal form. Half a pair stays one, so that whoever judges can see it. */
export function stringText(value: string): string {
  if (!/["\\\0-\x1f]/.test(value)) return `"${value}"`
  let text = '"'
  let start = 0
  for (let at = 0; at < value.length; at++) {
    const unit = value.charCodeAt(at)
    if (unit > 0x1f && unit !== quoteUnit && unit !== backslash) continue
    text += value.slice(start, at) + escapeOf(unit)
    start = at + 1
  }
  return `${text}${value.slice(start)}"`
}

const shortEscapes = new Map([
  [quoteUnit, '\\"'],
  [backslash, '\\\\'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
])

function escapeOf(unit: number): string {
  return shortEscapes.get(unit) ?? `\\u${unit.toString(16).toUpperCase().padStart(4, '0')}`
}

/** A string as it stands in JSON to its normal form. */
export function normalString(raw: string): string {
  return raw.includes('\\') ? stringText(JSON.parse(raw)) : raw
}

/** What a string that stands in JSON means. */
export function meaningOf(raw: string): string {
  return raw.includes('\\') ? JSON.parse(raw) : raw.slice(1, -1)
}

/** Behind the quote that closes the string that begins at `start` of some JSON. */
export function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === quoteUnit) return at + 1
    if (unit === backslash) at++
  }
  return text.length
}

/** Whether some escape in well-formed JSON means half of a surrogate pair, whose other half does not follow it. */
export function hasHalfPair(text: string): boolean {
  let lowAt: number | undefined // where the other half must stand
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', at)) {
    if (text.charAt(at + 1) !== 'u') {
      at += 2
      continue
    }
    const unit = Number.parseInt(text.slice(at + 2, at + 6), 16)
    const isLow = unit >= 0xdc00 && unit <= 0xdfff
    if (isLow !== (lowAt === at) || (lowAt ?? at) !== at) return true
    lowAt = unit >= 0xd800 && unit < 0xdc00 ? at + 6 : undefined
    at += 6
  }
  return lowAt !== undefined
}
