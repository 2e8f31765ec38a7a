// Code that nobody reaches: files that no entry leads to, exports that no file imports.

import { deepEqual } from 'node:assert/strict'
import { posix } from 'node:path'
import { describe, test } from 'node:test'
import { exportsOf, importsOf, type Scan, scan } from './scan.ts'
import {
  assertTidy,
  type Finding,
  file,
  places,
  readTree,
  resolveSpecifier,
  type SourceFile,
  typeScript,
} from './tree.ts'

const CODE = ['src', 'workers', 'bench', 'test']

/** Files that a program starts from or that are found by their name. Ambient declarations are imported by nobody. */
const ENTRY = [
  /^src\/main\.ts$/,
  /^workers\/[^/]+\.ts$/,
  /^src\/playground\/page\/page\.ts$/,
  /^test\/(?:run|docs|without)\.ts$/,
  /^test\/.*\.(?:test|soak)\.ts$/,
  /^test\/(?:types|fuzz)\//,
  /^test\/.*\/fixtures\//,
  /^test\/conformance\/[^/]+\/protocol\.ts$/,
  /^bench\/(?:canonical|micro|(?:scenarios|controls|micro)\/[^/]+)\.ts$/,
  /\.d\.ts$/,
]

/** Exports found by their name at run time rather than imported. */
const FOUND_BY_NAME: readonly { readonly path: RegExp; readonly reason: string }[] = [
  { path: /^bench\/(?:scenarios|controls|micro)\//, reason: 'loaded for each file in the folder' },
  {
    path: /^(?:workers|test\/unit\/threads\/fixtures)\/[\w-]*offload\.ts$/,
    reason: 'called by the name of the task',
  },
  { path: /^test\/types\//, reason: 'compiled, never run' },
  {
    path: /^test\/integration\/fixtures\/toy\//,
    reason: 'copied into a tree by the test of a sixth protocol',
  },
  { path: /^test\/fuzz\/targets\//, reason: 'found by the names of the registry' },
  { path: /^test\/conformance\/[^/]+\/protocol\.ts$/, reason: 'found by the names of the registry' },
  { path: /^test\/helpers\/run\/node-test\.ts$/, reason: 'loaded in the place of node:test' },
]

interface Reader {
  readonly path: string
  readonly scanned: Scan
}

function readers(files: readonly SourceFile[]): Reader[] {
  return typeScript(files, ...CODE).map(({ path, text }) => ({ path, scanned: scan(text) }))
}

/** What a file leads to: its imports, and the files its strings name (thread entries, fixtures). */
function leadsTo({ path, scanned }: Reader, known: ReadonlySet<string>): string[] {
  const imported = importsOf(scanned).map(({ specifier }) => resolveSpecifier(path, specifier))
  const named = scanned.strings.flatMap(({ value }) => {
    if (!/^[\w./-]+\.(?:ts|js)$/.test(value)) return []
    const asSource = value.replace(/\.js$/, '.ts')
    return [posix.join(posix.dirname(path), asSource), posix.normalize(asSource)]
  })
  return [...imported, ...named].filter(target => target !== undefined).filter(target => known.has(target))
}

function deadFiles(files: readonly SourceFile[]): Finding[] {
  const all = readers(files)
  const known = new Map(all.map(reader => [reader.path, reader]))
  const paths = new Set(known.keys())
  const alive = new Set<string>()
  const queue = [...paths].filter(path => ENTRY.some(pattern => pattern.test(path)))
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const reader = known.get(path)
    if (reader === undefined || alive.has(path)) continue
    alive.add(path)
    queue.push(...leadsTo(reader, paths))
  }
  const dead = [...paths].filter(path => !alive.has(path))
  return dead.map(path => ({
    path,
    line: 1,
    found: 'no entry leads to this file',
    instead: 'import it where it is needed, or delete it',
  }))
}

function deadExports(files: readonly SourceFile[]): Finding[] {
  const all = readers(files)
  const used = new Set<string>()
  for (const { path, scanned } of all) {
    for (const { specifier, names } of importsOf(scanned)) {
      const target = resolveSpecifier(path, specifier)
      if (target !== undefined) for (const name of names ?? ['*']) used.add(`${target} ${name}`)
    }
  }
  const exporting = all.filter(
    ({ path }) => !FOUND_BY_NAME.some(row => row.path.test(path)) && !path.endsWith('.d.ts'),
  )
  return exporting.flatMap(({ path, scanned }) => {
    const dead = exportsOf(scanned).filter(
      ({ name }) =>
        !used.has(`${path} ${name}`) && !used.has(`${path} *`) && !isTypeInUse(scanned.code, name),
    )
    return dead.map(({ name, line }) => ({
      path,
      line,
      found: `no file imports ${name}`,
      instead: 'drop the word export, or the thing itself if its own file does not need it either',
    }))
  })
}

/** A type that an exported signature of its own file names belongs to that signature. */
function isTypeInUse(code: string, name: string): boolean {
  const isType = new RegExp(`^export (?:type|interface) ${name}\\b`, 'm').test(code)
  return isType && code.split(new RegExp(`\\b${name}\\b`)).length > 2
}

describe('dead files', () => {
  test('a file that only another dead file imports is dead too; a thread entry named in a string is not', () => {
    const sample = [
      file('src/main.ts', "import { start } from './app/primary.ts'"),
      file('src/app/primary.ts', "new URL('./thread.ts', import.meta.url)"),
      file('src/app/thread.ts'),
      file('src/app/old.ts', "import './older.ts'"),
      file('src/app/older.ts'),
      file('test/unit/app/some.test.ts', "import '../../helpers/until.ts'"),
      file('test/helpers/until.ts'),
      file('test/helpers/unused.ts'),
    ]
    deepEqual(places(deadFiles(sample)), [
      'src/app/old.ts:1',
      'src/app/older.ts:1',
      'test/helpers/unused.ts:1',
    ])
  })

  test('the tree has none', () => assertTidy(deadFiles(readTree())))
})

describe('dead exports', () => {
  test('a name that nobody imports is found; types, renamed and whole-module imports count as use', () => {
    const sample = [
      file(
        'src/engine/a.ts',
        'export const used = 1',
        'export type Used = 2',
        'export interface Lonely {}',
        'export interface Options {}',
        'export function idle(options: Options) {}',
        'export { one as two }',
      ),
      file('src/engine/b.ts', 'export const any = 1'),
      file(
        'src/engine/c.ts',
        "import { used as mine, type Used } from './a.ts'",
        "import * as all from './b.ts'",
      ),
      file('src/frontends/registry.ts', "export { frontend as one } from './one/frontend.ts'"),
      file('src/frontends/one/frontend.ts', 'export const frontend = 1'),
      file('src/settings/gather.ts', "import * as frontends from '../frontends/registry.ts'"),
    ]
    deepEqual(places(deadExports(sample)), ['src/engine/a.ts:3', 'src/engine/a.ts:5', 'src/engine/a.ts:6'])
  })

  test('the tree has none', () => assertTidy(deadExports(readTree())))
})
