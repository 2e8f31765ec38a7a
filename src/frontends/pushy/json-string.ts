// Strings of JSON in the original's normal form. A body may hold a million escapes, so nothing here costs more than its
// characters.

const backslash = 0x5c
const quote = 0x22

/** A text as a JSON string in normal form. Half a pair stays one, so that whoever judges can see it. */
export function stringText(value: string): string {
  if (!/["\\\0-\x1f]/.test(value)) return `"${value}"`
  let text = '"'
  let start = 0
  for (let at = 0; at < value.length; at++) {
    const unit = value.charCodeAt(at)
    if (unit > 0x1f && unit !== quote && unit !== backslash) continue
    text += value.slice(start, at) + escapeOf(unit)
    start = at + 1
  }
  return `${text}${value.slice(start)}"`
}

const shortEscapes = new Map([
  [quote, '\\"'],
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
