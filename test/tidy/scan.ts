// A light scanner for TypeScript text: enough to tell code from comments and strings, and to list imports and
// exports. It relies on the formatter's layout (a top-level statement begins at column 0) and is no parser.

interface Comment {
  readonly line: number
  readonly lastLine: number
  readonly text: string
}

/** The three views have the length of the text, so an offset means the same place in each. */
export interface Scan {
  readonly text: string
  /** Comments, regular expressions and the inside of strings are blank. */
  readonly code: string
  /** Only comments are blank. */
  readonly spoken: string
  readonly comments: readonly Comment[]
  readonly strings: readonly { readonly start: number; readonly value: string }[]
}

export interface Import {
  readonly specifier: string
  readonly line: number
  /** Undefined when every export may be meant: `import * as x`, `import('…')`. */
  readonly names: readonly string[] | undefined
  readonly start: number
  readonly end: number
}

interface Export {
  readonly name: string
  readonly line: number
}

const STRING = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y
const TEMPLATE_TEXT = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y
const REGEX = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y
const PLAIN = /[^'"`/{}]+/y
const REGEX_MAY_FOLLOW =
  /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|delete|void|throw|new|else|do|await|yield))\s*$/

export function scan(text: string): Scan {
  const code: string[] = []
  const spoken: string[] = []
  const comments: Comment[] = []
  const strings: { start: number; value: string }[] = []
  const holes: number[] = [] // for each open `${`, how many braces were open when it began
  let braces = 0
  let inTemplate = false
  let lastCode = '' // the end of what was code so far, to tell a division from a regular expression
  let at = 0

  const take = (piece: string, asCode: string, asSpoken: string): void => {
    code.push(asCode)
    spoken.push(asSpoken)
    if (asCode.trim() !== '') lastCode = (lastCode + asCode).slice(-40)
    at += piece.length
  }
  while (at < text.length) {
    const char = text[at] ?? ''
    const comment = inTemplate ? undefined : match(COMMENT, text, at)
    const string = inTemplate ? undefined : match(STRING, text, at)
    if (inTemplate) {
      const inside = match(TEMPLATE_TEXT, text, at) ?? ''
      strings.push({ start: at, value: inside })
      take(inside, blank(inside), inside)
      if (text[at] === '`') take('`', '`', '`')
      else if (at < text.length) {
        take('${', ' {', '${')
        holes.push(braces)
      }
      inTemplate = false
    } else if (comment !== undefined) {
      const line = lineAt(text, at)
      comments.push({ line, lastLine: line + comment.split('\n').length - 1, text: comment })
      take(comment, blank(comment), blank(comment))
    } else if (string !== undefined) {
      strings.push({ start: at + 1, value: string.slice(1, -1) })
      take(string, `${char}${blank(string.slice(1, -1))}${char}`, string)
    } else if (char === '`') {
      inTemplate = true
      take('`', '`', '`')
    } else if (char === '/') {
      const regex = REGEX_MAY_FOLLOW.test(lastCode) ? match(REGEX, text, at) : undefined
      if (regex === undefined) take('/', '/', '/')
      else take(regex, `"${blank(regex.slice(2))}"`, regex)
    } else if (char === '{' || char === '}') {
      if (char === '{') braces += 1
      else if (holes.at(-1) === braces) {
        holes.pop()
        inTemplate = true
      } else braces -= 1
      take(char, char, char)
    } else {
      const plain = match(PLAIN, text, at) ?? char
      take(plain, plain, plain)
    }
  }
  return { text, code: code.join(''), spoken: spoken.join(''), comments, strings }
}

export function importsOf({ text, code }: Scan): Import[] {
  const found: Import[] = []
  const add = (start: number, quote: number, names: readonly string[] | undefined): void => {
    const close = text.indexOf(text[quote] ?? "'", quote + 1)
    const specifier = text.slice(quote + 1, close)
    found.push({ specifier, names, line: lineAt(text, start), start, end: close + 1 })
  }
  for (const hit of code.matchAll(/^import\s+(?:type\s+)?([\w$\s{},*]*?)(?:\s*from\s*)?(?=['"])/gm)) {
    add(hit.index, hit.index + hit[0].length, namesIn(hit[1] ?? ''))
  }
  for (const hit of code.matchAll(/^export\s+(?:type\s+)?(\*[\w$\s]*|\{[^}]*\})\s*from\s*(?=['"])/gm)) {
    add(hit.index, hit.index + hit[0].length, namesIn(hit[1] ?? ''))
  }
  for (const hit of code.matchAll(/\bimport\s*\(\s*(?=['"])/g)) {
    add(hit.index, hit.index + hit[0].length, undefined)
  }
  return found
}

/** Names as the exporting file spells them. */
function namesIn(clause: string): string[] | undefined {
  if (clause.includes('*')) return undefined
  const outside = clause
    .replace(/\{[^}]*\}/, '')
    .replaceAll(',', ' ')
    .trim()
  const inside = listed(/\{([^}]*)\}/.exec(clause)?.[1] ?? '')
  return [...inside.map(part => part.source), ...(outside === '' ? [] : ['default'])]
}

function listed(list: string): { source: string; alias: string }[] {
  const parts = list.split(',').map(part => part.trim().replace(/^type\s+/, ''))
  return parts.filter(Boolean).map(part => {
    const [source = '', alias = source] = part.split(/\s+as\s+/)
    return { source, alias }
  })
}

export function exportsOf({ code }: Scan): Export[] {
  const declared =
    /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|const|let|var|class|type|interface|enum)\s+([\w$]+)/gm
  const found = [...code.matchAll(declared)].map(hit => ({
    name: hit[1] ?? '',
    line: lineAt(code, hit.index),
  }))
  for (const hit of code.matchAll(/^export\s+(?:type\s+)?\{([^}]*)\}/gm)) {
    for (const { alias } of listed(hit[1] ?? '')) found.push({ name: alias, line: lineAt(code, hit.index) })
  }
  return found
}

/** The offset of the bracket that closes the one at `open`, or the end of the code. */
export function closeOf(code: string, open: number): number {
  let depth = 0
  for (let at = open; at < code.length; at += 1) {
    const char = code[at] ?? ''
    if ('([{'.includes(char)) depth += 1
    else if (')]}'.includes(char) && --depth === 0) return at
  }
  return code.length
}

export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ')
}
