// What product code must not contain: hidden time and chance, the environment, module state, inheritance,
// default exports, and type escapes that nobody explained.

import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { functionsOf } from './functions.ts'
import { importsOf, lineAt, type Scan, scan } from './scan.ts'
import { assertTidy, type Finding, file, places, readTree, type SourceFile, typeScript } from './tree.ts'

interface Rule {
  readonly pattern: RegExp
  readonly found: string
  readonly instead: string
  /** Which files the rule binds; without it, all of src and workers. */
  readonly binds?: (path: string) => boolean
  /** Hits that are fine after all, by the rest of the line. */
  readonly except?: (path: string, line: string) => boolean
}

/** The library reads the size of request heads from this variable, once, when it is loaded. */
const NATIVE_VARIABLE = 'UWS_HTTP_MAX_HEADERS_SIZE'

/** Scripts of the page run in a browser, where there is no clock to be handed. */
const notStd = (path: string): boolean =>
  !path.startsWith('src/std/') && !path.startsWith('src/playground/page/')

const RULES: readonly Rule[] = [
  {
    pattern:
      /(?<![\w$.])(?:globalThis\.)?(?:Date\.now|performance\.now|setTimeout|setInterval|setImmediate)\b|\bnew Date\(\)|\bprocess\.hrtime\b/g,
    found: 'time is taken from the world',
    instead: 'take a Clock as an argument (src/std)',
    binds: notStd,
  },
  {
    pattern: /(?<![\w$])Math\.random\b/g,
    found: 'chance is taken from the world',
    instead: 'take a Random as an argument (src/std)',
    binds: notStd,
  },
  {
    pattern: /\bprocess\.env\b|\bimport\b[^\n]*\benv\b[^\n]*from\s*(?=['"])/g,
    found: 'the environment is read',
    instead: 'take a settings slice as an argument; main.ts hands the environment over once',
    binds: path => path !== 'src/main.ts' && !path.startsWith('src/settings/'),
    except: (path, line) =>
      (line.includes('import') && !line.includes('node:process')) ||
      (path.startsWith('src/net/') && line.includes(NATIVE_VARIABLE)),
  },
  {
    pattern: /\bprivateMark\b|\\u0001/g,
    found: 'the mark of private channels',
    instead: 'mint names by privateChannel, and read them by what stands beside it (engine/words/private.ts)',
    binds: path => !/^src\/engine\/words\/(?:private|publication)\.ts$/.test(path),
  },
  {
    pattern: /^export default\b|^export\s*\{[^}]*\bas default\b/gm,
    found: 'a default export',
    instead: 'export it by name',
  },
  {
    pattern: /\bclass\s+[\w$]*\s*(?:<[^{]*>)?\s*extends\s+(?!Error\b)[\w$.]+/g,
    found: 'a class inherits',
    instead: 'compose: hand the other object in, or use a plain function',
  },
  {
    pattern: /^(?:export )?(?:let|var)\b/gm,
    found: 'module-level mutable state',
    instead: 'move it into a function or a class that somebody owns and closes',
  },
  {
    pattern:
      /^(?:export )?const [\w$]+(?::(?![^=]*[Rr]eadonly)[^=]*)? = (?:new (?:Map|Set|WeakMap|WeakSet)(?:<[^;\n]*>)?\(\)|\[\]|\{\})/gm,
    found: 'a module-level container that can only be there to change',
    instead: 'give it a readonly type if it stays empty, else move it to somebody who owns and closes it',
  },
]

const FROM_TIMERS = ['node:timers', 'node:timers/promises', 'timers', 'timers/promises']

function shapes(files: readonly SourceFile[]): Finding[] {
  return typeScript(files, 'src', 'workers').flatMap(({ path, text }) => {
    const scanned = scan(text)
    const lines = scanned.spoken.split('\n')
    const byRule = RULES.filter(({ binds }) => binds?.(path) ?? true).flatMap(rule => {
      const hits = [...scanned.code.matchAll(rule.pattern)].map(hit => lineAt(text, hit.index))
      const wrong = hits.filter(line => rule.except?.(path, lines[line - 1] ?? '') !== true)
      return wrong.map(line => ({ path, line, found: rule.found, instead: rule.instead }))
    })
    const timers = importsOf(scanned).filter(
      ({ specifier }) => notStd(path) && FROM_TIMERS.includes(specifier),
    )
    const fresh = timers.filter(({ line }) => !byRule.some(finding => finding.line === line))
    const byImport = fresh.map(({ line }) => ({
      path,
      line,
      found: 'timers are imported',
      instead: 'take a Clock as an argument (src/std)',
    }))
    return [...byRule, ...byImport]
  })
}

/** `any`, `as` and `!` tell the compiler to look away. A comment says why that is right; a `parse…` needs none. */
const ESCAPES: readonly { readonly sign: string; readonly pattern: RegExp }[] = [
  { sign: 'any', pattern: /(?<![\w$.#])any\b(?!\s*[(:?])/g },
  { sign: 'as', pattern: /(?<![\w$.#])as\s+(?!const\b)(?=[\w$({['"`])/g },
  { sign: '!', pattern: /(?<=[\w$)\]])!(?![=\w])/g },
]

function escapes(files: readonly SourceFile[]): Finding[] {
  return typeScript(files, 'src', 'workers').flatMap(({ path, text }) => {
    const scanned = scan(text)
    const code = withoutClauses(scanned)
    const explained = new Set(scanned.comments.flatMap(({ line, lastLine }) => span(line, lastLine + 1)))
    const parsers = functionsOf(scanned).filter(({ name }) => name.startsWith('parse'))
    return ESCAPES.flatMap(({ sign, pattern }) =>
      [...code.matchAll(pattern)].flatMap(({ index }) => {
        const line = lineAt(text, index)
        const inParser = parsers.some(({ start, end }) => start <= index && index <= end)
        if (explained.has(line) || inParser) return []
        const instead = 'narrow the type, or say on this line or the one above why it is right'
        return [{ path, line, found: `an unexplained ${sign}`, instead }]
      }),
    )
  })
}

/** Imports, exports and mapped types use `as` for renaming, which escapes nothing. */
function withoutClauses(scanned: Scan): string {
  const blank = (text: string): string => text.replace(/[^\n]/g, ' ')
  const bare = importsOf(scanned).reduce(
    (code, { start, end }) => code.slice(0, start) + blank(code.slice(start, end)) + code.slice(end),
    scanned.code,
  )
  return bare
    .replace(/^export\s*(?:type\s*)?\{[^}]*\}/gm, blank)
    .replace(/\[\s*[\w$]+ in [^\]]*\bas\b[^\]]*\]/g, blank)
}

function span(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

describe('shapes', () => {
  test('time, timers and chance are found outside std, however they are reached', () => {
    const lines = [
      'const a = Date.now()',
      'globalThis.setTimeout(f, 1)',
      'clock.setTimeout(f, 1) // Date.now()',
      "const b = 'Math.random()'",
      'const c = Math.random()',
      'const d = new Date()',
      'const e = new Date(atMs)',
    ]
    const timers = file('src/net/b.ts', "import { setImmediate as soon } from 'node:timers'")
    const sample = [file('src/net/a.ts', ...lines), file('src/std/clock.ts', ...lines), timers]
    deepEqual(places(shapes(sample)), [
      'src/net/a.ts:1',
      'src/net/a.ts:2',
      'src/net/a.ts:6',
      'src/net/a.ts:5',
      'src/net/b.ts:1',
    ])
  })

  test('the environment is for main.ts and settings; net may set the one variable of its library', () => {
    const set = `process.env['${NATIVE_VARIABLE}'] = '16384'`
    const sample = [
      file('src/main.ts', 'start(process.env)'),
      file('src/settings/read.ts', 'process.env'),
      file('src/net/native.ts', set, "process.env['OTHER']"),
      file('src/app/primary.ts', set, "import { env } from 'node:process'", "import { env } from './env.ts'"),
    ]
    deepEqual(places(shapes(sample)), ['src/net/native.ts:2', 'src/app/primary.ts:1', 'src/app/primary.ts:2'])
  })

  test('default exports, inheritance and module state are found; errors and locals are fine', () => {
    const lines = [
      'export default 1',
      'class A extends B<C> {}',
      'export class Fault extends Error {}',
      'let count = 0',
      'const seen = new Map<string, number>()',
      'const names: readonly string[] = []',
      'const table = new Map([[1, 2]])',
      'function f() {',
      '  let inner = new Set()',
      '}',
    ]
    const found = places(shapes([file('src/engine/a.ts', ...lines)]))
    deepEqual(found.sort(), [
      'src/engine/a.ts:1',
      'src/engine/a.ts:2',
      'src/engine/a.ts:4',
      'src/engine/a.ts:5',
    ])
  })

  test('the tree has none of them', () => assertTidy(shapes(readTree())))
})

describe('type escapes', () => {
  test('any, as and ! need a comment on their line or the one above', () => {
    const lines = [
      'const a: any = 1',
      '',
      'const b = c as string',
      '// the native type is too narrow: fin is optional',
      'const d = e as F',
      'const g = h[0]!',
      '',
      'const i = j! // set by open()',
    ]
    const found = places(escapes([file('src/engine/a.ts', ...lines)]))
    deepEqual(found, ['src/engine/a.ts:1', 'src/engine/a.ts:3', 'src/engine/a.ts:6'])
  })

  test('parsers, renaming, const assertions, negation and calls named any are no escapes', () => {
    const lines = [
      "import { a as b, type c as d } from './b.ts'",
      "import * as all from './c.ts'",
      "export { a as e } from './d.ts'",
      'export { f as g }',
      'const h = [1] as const',
      'const i = !j && k !== l',
      'app.any(m)',
      'const parseName = (text: string): Name | undefined =>',
      '  ok(text) ? (text as Name) : undefined',
      'function parseOffset(value: number): Offset {',
      '  return value as Offset',
      '}',
      'type N = { [K in keyof T as `x-$' + '{K}`]: T[K] }',
    ]
    deepEqual(places(escapes([file('src/engine/a.ts', ...lines)])), [])
  })

  test('the tree explains each', () => assertTidy(escapes(readTree())))
})
