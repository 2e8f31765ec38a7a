// The grammar of GRIP's header lists (contract §5.1): elements between commas, each a value and its parameters. Texts are
// header values as they came, one character per byte.

/** The value as it stands, quotes included; parameters in order, their names in lower case and their values unquoted. */
export interface Element {
  readonly value: string
  readonly parameters: readonly Parameter[]
}

export interface Parameter {
  readonly name: string
  readonly value: string
}

/** Links have commas and semicolons inside of `<…>`, where they separate nothing. */
export interface ListOptions {
  readonly hasLinks?: true
}

/**
 * The elements of all fields of a header, in order. One that does not parse is left out; an empty one has an empty value.
 * A comma at the very end ends the last element and begins none.
 */
export function parseList(fields: readonly string[], { hasLinks }: ListOptions = {}): readonly Element[] {
  return fields.flatMap(field => {
    const parts = split(field, ',', hasLinks === true)
    if (parts.length > 1 && trim(parts.at(-1) ?? '') === '') parts.pop()
    return parts.flatMap(part => parseElement(part, hasLinks === true) ?? [])
  })
}

/** One element, whose commas mean nothing; undefined where a quote is not closed, or something follows one. */
export function parseElement(text: string, hasLinks = false): Element | undefined {
  if (!isClosed(text)) return undefined
  const [value = '', ...rest] = split(text, ';', hasLinks)
  const parameters: Parameter[] = []
  for (const part of rest) {
    const parameter = parseParameter(part)
    if (parameter === undefined) return undefined
    // Two semicolons in a row, or one at the end.
    if (parameter.name !== '') parameters.push({ ...parameter, name: parameter.name.toLowerCase() })
  }
  return { value: trim(value), parameters }
}

/** `name`, `name=value` or `name="value"`. */
export function parseParameter(text: string): Parameter | undefined {
  const at = text.indexOf('=')
  if (at === -1) return { name: trim(text), value: '' }
  const value = unquoted(trim(text.slice(at + 1)))
  return value === undefined ? undefined : { name: trim(text.slice(0, at)), value }
}

/** The first value of that parameter. */
export function parameterOf({ parameters }: Element, wanted: string): string | undefined {
  return parameters.find(({ name }) => name === wanted)?.value
}

/** The values of a header in a raw list of names and values; `name` is in lower case. */
export function fieldsOf(rawHeaders: readonly string[], name: string): readonly string[] {
  const fields: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === name) fields.push(rawHeaders[at + 1] ?? '')
  }
  return fields
}

/** A header's text as what its bytes mean in UTF-8: names of channels and values of metas are texts elsewhere. */
export function utf8Of(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : Buffer.from(text, 'latin1').toString('utf8')
}

/** A text as a header's value: one character for each byte of its UTF-8. */
export function latin1Of(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

/** Between separators that are in no quotes. A quote that is not closed goes on to the end. */
function split(text: string, separator: string, hasLinks: boolean): string[] {
  const parts: string[] = []
  let start = 0
  let isQuoted = false
  let isLink = false
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]
    if (isQuoted) {
      if (letter === '\\') at++
      else if (letter === '"') isQuoted = false
    } else if (isLink) isLink = letter !== '>'
    else if (letter === '"') isQuoted = true
    else if (letter === '<' && hasLinks) isLink = true
    else if (letter === separator) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

function isClosed(text: string): boolean {
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]
    if (letter === '"') isQuoted = !isQuoted
    else if (letter === '\\' && isQuoted) at++
  }
  return !isQuoted
}

/** Undefined: something stands behind the closing quote. */
function unquoted(text: string): string | undefined {
  if (!text.startsWith('"')) return text
  let value = ''
  for (let at = 1; at < text.length; at++) {
    const letter = text.charAt(at)
    if (letter === '"') return at === text.length - 1 ? value : undefined
    value += letter === '\\' ? text.charAt(++at) : letter
  }
  return undefined
}

/** Blanks and tabs: what HTTP calls optional white space. */
function trim(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && isBlank(text[start])) start++
  while (end > start && isBlank(text[end - 1])) end--
  return text.slice(start, end)
}

function isBlank(letter: string | undefined): boolean {
  return letter === ' ' || letter === '\t'
}
