// Text that others wrote, made safe for a terminal: what could drive it, or turn the order of what is read around, is
// shown as JSON writes it instead. C0 and C1 with DEL (ECMA-48), the marks and isolates of bidirectional text (UAX 9),
// and the two line ends of Unicode.

const aboveAscii = '\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069'

const inLine = new RegExp(`[\\0-\\x1f${aboveAscii}]`, 'g')
const inText = new RegExp(`[\\0-\\x08\\x0b-\\x1f${aboveAscii}]`, 'g')
const inJson = new RegExp(`[${aboveAscii}]`, 'g')

/** A text that is to stay on its line: line ends and tabs are shown, too. */
export function visibleLine(text: string): string {
  return text.replace(inLine, escapeOf)
}

/** A text of our own, with line ends and tabs, that quotes others. */
export function visibleText(text: string): string {
  return text.replace(inText, escapeOf)
}

/** JSON, where ASCII is escaped already, or what was coloured by escapes of ours: the rest of them alone. JSON stays the same. */
export function visibleJson(text: string): string {
  return text.replace(inJson, escapeOf)
}

function escapeOf(character: string): string {
  const short = JSON.stringify(character).slice(1, -1)
  return short === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : short
}
