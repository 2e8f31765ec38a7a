// The text of a routes file to a table. A line that says nothing sound is skipped with a warning, and the others hold;
// who reads and watches the file is elsewhere.
import { parseLine } from './grammar.ts'
import { parseRule, type Rule } from './rule.ts'
import { buildTable, type Table } from './table.ts'

export interface RouteWarning {
  readonly line: number
  /** The end of a sentence that begins with the line. No value that may be a key is in it. */
  readonly text: string
  /** The line holds no rule. */
  readonly isVoid: boolean
}

export type RoutesReading =
  | { readonly ok: true; readonly table: Table; readonly warnings: readonly RouteWarning[] }
  /** The end of a sentence that begins with the source. The table before stays in use. */
  | { readonly ok: false; readonly mistake: string }

/** A megabyte is some 10,000 lines, and each worker holds the rules of all. */
export const routesBytesMax = 1_048_576

/** Each request may be held against all rules of a host, which takes 0.2 ms with so many. */
const rulesMax = 10_000

/** A line with 64 targets of long names; certificates and keys are in files of their own. */
const lineLengthMax = 16_384

/** A file of another kind would fill the log with one warning per line. */
const warningsMax = 100

export function readRoutes(text: string): RoutesReading {
  if (Buffer.byteLength(text) > routesBytesMax) {
    return { ok: false, mistake: `is longer than ${routesBytesMax} bytes` }
  }
  if (text.includes('\0')) return { ok: false, mistake: 'has NUL bytes, as no text has' }
  const warnings: RouteWarning[] = []
  const rules: Rule[] = []
  for (const [index, content] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    const line = index + 1
    const read = readLine(content, line)
    if (read === undefined) continue
    if (!read.ok) {
      warnings.push({ line, text: read.mistake, isVoid: true })
      continue
    }
    if (rules.length >= rulesMax) return { ok: false, mistake: `has more than ${rulesMax} rules` }
    rules.push(read.rule)
    warnings.push(...read.remarks.map(remark => ({ line, text: remark, isVoid: false })))
  }
  const built = buildTable(rules)
  const kept = new Set(built.table.rules.map(({ line }) => line))
  warnings.push(...built.warnings.map(warning => ({ ...warning, isVoid: !kept.has(warning.line) })))
  return {
    ok: true,
    table: built.table,
    warnings: bounded(warnings.sort((one, other) => one.line - other.line)),
  }
}

/** Undefined: nothing is on the line. */
function readLine(content: string, line: number): ReturnType<typeof parseRule> | undefined {
  if (content.length > lineLengthMax) {
    return { ok: false, mistake: `is longer than ${lineLengthMax} characters` }
  }
  const read = parseLine(content)
  if (!read.ok) return read
  return read.sections.length === 0 ? undefined : parseRule(read.sections, line)
}

function bounded(warnings: readonly RouteWarning[]): readonly RouteWarning[] {
  const [first] = warnings.slice(warningsMax)
  if (first === undefined) return warnings
  const text = `and others have ${warnings.length - warningsMax} more faults that are not listed`
  return [...warnings.slice(0, warningsMax), { line: first.line, text, isVoid: false }]
}
