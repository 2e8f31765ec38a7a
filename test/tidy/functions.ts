// Finds the functions of a scanned file: where each begins and ends, and its name where it has one.

import { closeOf, lineAt, type Scan } from './scan.ts'

interface FunctionSpan {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly line: number
  readonly lines: number
}

const KEYWORDS = new Set(
  'if for while switch catch with return super new await typeof function import'.split(' '),
)
const TYPE_PREFIXES = new Set('readonly keyof typeof asserts infer unique new abstract'.split(' '))

export function functionsOf({ code }: Scan): FunctionSpan[] {
  const found: FunctionSpan[] = []
  const add = (name: string, start: number, end: number): void => {
    const line = lineAt(code, start)
    found.push({ name, start, end, line, lines: lineAt(code, end) - line + 1 })
  }
  for (const hit of code.matchAll(/(?<![.\w$])(#?[A-Za-z_$][\w$]*)(?=[(<])/g)) {
    const name = hit[1] ?? ''
    const body = KEYWORDS.has(name) ? undefined : bodyAfterHead(code, hit.index + name.length, false)
    if (body !== undefined) add(name, hit.index, closeOf(code, body))
  }
  const named = arrowNames(code)
  for (const { index } of code.matchAll(/=>/g)) {
    const name = named.get(index)
    add(name?.name ?? '', name?.start ?? index, arrowEnd(code, index + 2))
  }
  return found
}

/** Where the arrow of `const name = (…) =>` or `name: (…) =>` stands, with the name and its place. */
function arrowNames(code: string): Map<number, { readonly name: string; readonly start: number }> {
  const names = new Map<number, { name: string; start: number }>()
  const head =
    /(?:\b(?:const|let)\s+([\w$]+)[^=\n]*=|(?<![\w$.])(#?[\w$]+)(?::|\s*=))\s*(?:async\s+)?(?=[(<]|[\w$]+ =>)/g
  for (const hit of code.matchAll(head)) {
    const after = hit.index + hit[0].length
    const single = /^[\w$]+ (?==>)/.exec(code.slice(after, after + 80))
    const arrow = single === null ? bodyAfterHead(code, after, true) : after + single[0].length
    const name = hit[1] ?? hit[2] ?? ''
    if (arrow !== undefined && !names.has(arrow)) names.set(arrow, { name, start: hit.index })
  }
  return names
}

/** After `<…>(…): Type`, the offset of the body's `{` (or of `=>`); undefined when none follows. */
function bodyAfterHead(code: string, at: number, arrow: boolean): number | undefined {
  const open = code[at] === '<' ? skipSpace(code, closeOfAngle(code, at) + 1) : at
  if (code[open] !== '(') return undefined
  let next = skipSpace(code, closeOf(code, open) + 1)
  if (code[next] === ':') next = skipType(code, next + 1, arrow)
  const wanted = arrow ? '=>' : '{'
  return code.startsWith(wanted, next) ? next : undefined
}

/** The offset behind a type. A `{` belongs to the type only where an operand must stand. */
function skipType(code: string, from: number, arrow: boolean): number {
  let at = from
  let operandDue = true
  for (;;) {
    at = skipSpace(code, at)
    const char = code[at] ?? ''
    const word = /^[\w$.]+/.exec(code.slice(at, at + 200))?.[0]
    if (operandDue && '([{'.includes(char) && char !== '') {
      at = closeOf(code, at) + 1
      operandDue = false
    } else if (operandDue && `'"\``.includes(char) && char !== '') {
      at = code.indexOf(char, at + 1) + 1
      operandDue = false
    } else if (operandDue && word !== undefined) {
      at += word.length
      operandDue = TYPE_PREFIXES.has(word)
    } else if (char === '|' || char === '&') {
      at += 1
      operandDue = true
    } else if (!operandDue && char === '<') at = closeOfAngle(code, at) + 1
    else if (!operandDue && char === '[') at = closeOf(code, at) + 1
    else if (!operandDue && (word === 'is' || word === 'extends')) {
      at += word.length
      operandDue = true
    } else if (!operandDue && !arrow && code.startsWith('=>', at)) {
      at += 2
      operandDue = true
    } else return at
  }
}

/** The end of an arrow's body: its closing brace, or the end of the expression. */
function arrowEnd(code: string, from: number): number {
  const first = skipSpace(code, from)
  if (code[first] === '{') return closeOf(code, first)
  for (let at = first; at < code.length; at += 1) {
    const char = code[at] ?? ''
    if ('([{'.includes(char)) at = closeOf(code, at)
    else if (',)]};'.includes(char)) return at
    else if (char === '\n' && !continues(code, first, at)) return at
  }
  return code.length
}

function continues(code: string, from: number, newline: number): boolean {
  const before = code.slice(from, newline).trimEnd()
  const after = code.slice(skipSpace(code, newline)).slice(0, 2)
  return before === '' || /[=?:&|+\-*<,(]$/.test(before) || /^(?:[?:.&|+*<]|-[^-])/.test(after)
}

function closeOfAngle(code: string, open: number): number {
  let depth = 0
  for (let at = open; at < code.length; at += 1) {
    const char = code[at] ?? ''
    if (char === '<') depth += 1
    else if (char === '>' && code[at - 1] !== '=' && --depth === 0) return at
    else if (';'.includes(char)) break
  }
  return code.length
}

function skipSpace(code: string, from: number): number {
  let at = from
  while (/\s/.test(code[at] ?? '')) at += 1
  return at
}
