// The form of the original's configuration: sections in brackets, `name=value` below them, comments on lines of their own
// (contract §3). What the names mean is for `conf-options.ts`.

export interface IniValue {
  readonly value: string
  /** From 1. */
  readonly line: number
}

export interface Ini {
  /** By `section.name`; the last of equal ones counts. */
  readonly values: ReadonlyMap<string, IniValue>
  /** Ends of sentences that begin with the line. */
  readonly mistakes: readonly { readonly line: number; readonly text: string }[]
}

/** Shipped files have 4 KB and 60 options; what is longer is another file. */
export const iniBytesMax = 262_144
const mistakesMax = 20

export function parseIni(text: string): Ini {
  const values = new Map<string, IniValue>()
  const mistakes: { line: number; text: string }[] = []
  let section = ''
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    const line = index + 1
    const content = raw.trim()
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue
    const name = /^\[([^[\]]*)\]$/.exec(content)?.[1]
    const equals = content.indexOf('=')
    if (name !== undefined) section = name.trim()
    else if (equals > 0) {
      values.set(keyOf(section, content.slice(0, equals)), {
        value: readValue(content.slice(equals + 1)),
        line,
      })
    } else if (mistakes.length < mistakesMax) {
      mistakes.push({ line, text: 'is neither a section nor an option with a value' })
    }
  }
  return { values, mistakes }
}

function keyOf(section: string, name: string): string {
  return `${section}.${name.trim()}`
}

/** Quotes around the whole are none of the value. */
function readValue(text: string): string {
  const trimmed = text.trim()
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(trimmed)?.[1]
  return quoted === undefined ? trimmed : quoted.replace(/\\(["\\])/g, '$1')
}
