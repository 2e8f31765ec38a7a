// How long files and functions may be, and where folders and thread entries stand.

import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { functionsOf } from './functions.ts'
import { scan } from './scan.ts'
import { assertTidy, type Finding, file, places, readTree, type SourceFile, typeScript } from './tree.ts'

const CODE = ['src', 'workers', 'bench', 'test']

/** A file is best under 200 lines; one above this bound needs a row. */
const FILE_LINES_MAX = 300
const FUNCTION_LINES_MAX = 60
const ENTRY_LINES_MAX = 20

/** Files that are longer, up to `linesMax`, and why splitting them would not help a reader. */
const LONG_FILES: readonly { readonly path: string; readonly linesMax: number; readonly reason: string }[] =
  []

/** Tables of data read from top to bottom however long they are: one row per exchange, no logic. */
const DATA_TABLE = /^test\/conformance\/[^/]+\/exchanges\.ts$/

/** A suite's callback groups tests; its length says nothing. */
const SUITE_CALLBACK = /\b(?:describe|suite)\([^()]*(?:\(\)\s*)?$/

/** `helpers` is allowed in one place, directly under test. */
const FORBIDDEN_FOLDERS = ['utils', 'util', 'common', 'misc', 'shared', 'helpers']

function linesOf(text: string): number {
  return text.trimEnd().split('\n').length
}

function longFiles(files: readonly SourceFile[], listed: typeof LONG_FILES): Finding[] {
  const code = typeScript(files, ...CODE).filter(({ path }) => !DATA_TABLE.test(path))
  const findings = code.flatMap(({ path, text }) => {
    const linesMax = listed.find(row => row.path === path)?.linesMax ?? FILE_LINES_MAX
    const lines = linesOf(text)
    const instead = 'split it by idea, or give it a row with a reason in LONG_FILES of sizes.test.ts'
    return lines > linesMax
      ? [{ path, line: lines, found: `${lines} lines, limit ${linesMax}`, instead }]
      : []
  })
  const stale = listed.filter(
    ({ path }) => linesOf(code.find(one => one.path === path)?.text ?? '') <= FILE_LINES_MAX,
  )
  const rows = stale.map(({ path }) => ({
    path,
    line: 1,
    found: 'listed as long but is not',
    instead: 'remove its row from LONG_FILES',
  }))
  return [...findings, ...rows]
}

function longFunctions(files: readonly SourceFile[]): Finding[] {
  return typeScript(files, ...CODE).flatMap(({ path, text }) => {
    const scanned = scan(text)
    const long = functionsOf(scanned).filter(({ lines, start }) => {
      const before = scanned.code.slice(Math.max(0, start - 200), start)
      return lines > FUNCTION_LINES_MAX && !(path.startsWith('test/') && SUITE_CALLBACK.test(before))
    })
    return long.map(({ name, line, lines }) => ({
      path,
      line,
      found: `${name === '' ? 'a function' : name} has ${lines} lines, limit ${FUNCTION_LINES_MAX}`,
      instead: 'keep the branches here and move straight work into leaves',
    }))
  })
}

function fatEntries(files: readonly SourceFile[]): Finding[] {
  return typeScript(files, 'workers').flatMap(({ path, text }) => {
    const lines = linesOf(text)
    const found = `a thread entry of ${lines} lines, limit ${ENTRY_LINES_MAX - 1}`
    return lines < ENTRY_LINES_MAX
      ? []
      : [{ path, line: lines, found, instead: 'move the logic into src/app' }]
  })
}

function misnamedFolders(files: readonly SourceFile[]): Finding[] {
  return files.flatMap(({ path }) => {
    const folders = path.split('/').slice(0, -1)
    const inner = path.startsWith('test/helpers/') ? folders.slice(2) : folders
    const bad = inner.find(folder => FORBIDDEN_FOLDERS.includes(folder))
    const instead = 'name the folder after its one job; only test/helpers may be called helpers'
    return bad === undefined ? [] : [{ path, line: 1, found: `a folder called ${bad}`, instead }]
  })
}

function misnamedFiles(files: readonly SourceFile[]): Finding[] {
  return typeScript(files, ...CODE).flatMap(({ path }) => {
    const name = path.split('/').at(-1) ?? ''
    const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|soak|d))?\.ts$/.test(name)
    return kebab
      ? []
      : [
          {
            path,
            line: 1,
            found: 'a name that is not kebab-case',
            instead: 'rename it: a noun in kebab-case',
          },
        ]
  })
}

const filler = (count: number): string[] => Array.from({ length: count }, (_, index) => `  call(${index})`)

describe('file length', () => {
  test('a file over the limit and a stale row are found; data tables are free', () => {
    const sample = [
      file('src/engine/a.ts', ...filler(300)),
      file('src/engine/b.ts', ...filler(301)),
      file('src/engine/c.ts', ...filler(350)),
      file('test/conformance/one/exchanges.ts', ...filler(900)),
    ]
    const rows = [
      { path: 'src/engine/c.ts', linesMax: 350, reason: 'sample' },
      { path: 'src/engine/gone.ts', linesMax: 350, reason: 'sample' },
    ]
    deepEqual(places(longFiles(sample, rows)), ['src/engine/b.ts:301', 'src/engine/gone.ts:1'])
  })

  test('the tree keeps to it', () => assertTidy(longFiles(readTree(), LONG_FILES)))
})

describe('function length', () => {
  test('60 lines pass and 61 do not, in every form of a function', () => {
    const forms = [
      'function a(x: { y: number }): { z: number } {',
      'const b = async (x: number): Promise<void> => {',
    ]
    for (const head of [...forms, 'class C {\n  d<T>(x: T): x is T & string {']) {
      const close = head.startsWith('class') ? '  }' : '}'
      const heads = head.split('\n').length
      deepEqual(places(longFunctions([file('src/engine/a.ts', head, ...filler(58), close)])), [], head)
      deepEqual(
        places(longFunctions([file('src/engine/a.ts', head, ...filler(59), close)])),
        [`src/engine/a.ts:${heads}`],
        head,
      )
    }
  })

  test('a brace in a string, a template or a regular expression does not hide the end', () => {
    const tricky = ["  const s = '{'", '  const t = `{$' + '{s}`', '  const r = /[{/]/', '}']
    deepEqual(longFunctions([file('src/engine/a.ts', 'function a() {', ...tricky, ...filler(90))]), [])
  })

  test('a suite may be long, a test in it may not', () => {
    const suite = ["describe('x', () => {", "  test('y', () => {", ...filler(60), '  })', '})']
    deepEqual(places(longFunctions([file('test/unit/a.test.ts', ...suite)])), ['test/unit/a.test.ts:2'])
  })

  test('the tree keeps to it', () => assertTidy(longFunctions(readTree())))
})

describe('places and names', () => {
  test('a thread entry of 20 lines is found', () => {
    const sample = [file('workers/a.ts', ...filler(19)), file('workers/b.ts', ...filler(20))]
    deepEqual(places(fatEntries(sample)), ['workers/b.ts:20'])
  })

  test('drawers are found, and helpers anywhere but in test/', () => {
    const sample = [
      file('src/utils/a.ts'),
      file('src/net/helpers/a.ts'),
      file('test/helpers/a.ts'),
      file('bench/common/a.md'),
    ]
    deepEqual(places(misnamedFolders(sample)), [
      'src/utils/a.ts:1',
      'src/net/helpers/a.ts:1',
      'bench/common/a.md:1',
    ])
  })

  test('a file name in camelCase is found', () => {
    deepEqual(places(misnamedFiles([file('src/net/heldStream.ts'), file('src/net/held-stream.ts')])), [
      'src/net/heldStream.ts:1',
    ])
  })

  test('the tree keeps to them', () => {
    const files = readTree()
    assertTidy([...fatEntries(files), ...misnamedFolders(files), ...misnamedFiles(files)])
  })
})
