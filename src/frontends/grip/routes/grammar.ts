// One line of a routes file to its sections (contract §2.1): a condition, then targets, apart by blanks. What the names
// mean is for `rule.ts` and `target.ts`.

export interface Property {
  readonly name: string
  /** Empty where nothing follows the name. */
  readonly value: string
}

export interface LineSection {
  /** Empty where the section begins with a property. */
  readonly value: string
  /** As written; one name may be there several times. */
  readonly properties: readonly Property[]
}

export type LineReading =
  /** None: the line is empty, or a comment. */
  | { readonly ok: true; readonly sections: readonly LineSection[] }
  /** The end of a sentence that begins with the line. */
  | { readonly ok: false; readonly mistake: string }

interface Item {
  readonly text: string
  /** Where reading goes on: at a comma, a blank, a comment or the end. */
  readonly end: number
}

export function parseLine(line: string): LineReading {
  const sections: LineSection[] = []
  let at = 0
  for (;;) {
    while (isBlank(line[at])) at++
    if (at >= line.length || line[at] === '#') return { ok: true, sections }
    const items: string[] = []
    for (let isMore = true; isMore; ) {
      const item = readItem(line, at)
      if (typeof item === 'string') return { ok: false, mistake: item }
      items.push(item.text)
      isMore = line[item.end] === ','
      at = isMore ? item.end + 1 : item.end
    }
    const section = sectionOf(items)
    if (typeof section === 'string') return { ok: false, mistake: section }
    sections.push(section)
  }
}

/** A string says why there is none. Quotes may stand anywhere in it, and keep blanks, commas and number signs. */
function readItem(line: string, start: number): Item | string {
  let text = ''
  let isQuoted = false
  for (let at = start; at < line.length; at++) {
    const character = line[at] ?? ''
    if (character === '"') {
      isQuoted = !isQuoted
    } else if (!isQuoted) {
      if (isEnd(character)) return { text, end: at }
      text += character
    } else if (character === '\\') {
      const escaped = line[++at]
      if (escaped === undefined) return unterminated
      if (escaped !== '\\' && escaped !== '"')
        return `has the escape \\${escaped}, and only \\\\ and \\" are any`
      text += escaped
    } else {
      text += character
    }
  }
  return isQuoted ? unterminated : { text, end: line.length }
}

const unterminated = 'has a quote without an end'

/** Of the items between commas. A string says why they make none. */
function sectionOf([first = '', ...rest]: readonly string[]): LineSection | string {
  const isProperty = first.includes('=')
  const properties: Property[] = []
  for (const text of isProperty ? [first, ...rest] : rest) {
    const equals = text.indexOf('=')
    const name = equals === -1 ? text : text.slice(0, equals)
    if (name === '')
      return text === '' ? 'has a comma with nothing behind it' : 'has a property without a name'
    properties.push({ name, value: equals === -1 ? '' : text.slice(equals + 1) })
  }
  return { value: isProperty ? '' : first, properties }
}

function isEnd(character: string): boolean {
  return character === ',' || character === '#' || isBlank(character)
}

/** Blanks alone are any in the original; a tab there only ever made a target that does not exist. */
function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\r'
}
