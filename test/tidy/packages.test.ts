// Third-party packages: one importing room for each, and all of them declared.
// Only product code (src, workers) is bound by it; tests and benches may look everywhere.

import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { edgesOf, roomOf } from './edges.ts'
import { assertTidy, type Finding, file, places, readTree, type SourceFile } from './tree.ts'

const NATIVE = 'uWebSockets.js'

/** Packages that must be imported from nowhere else, whoever is the only importer. */
const HOMES: Readonly<Record<string, string>> = {
  [NATIVE]: 'src/net/',
  undici: 'src/net/outgoing/',
  'ffi-rs': 'src/net/inherited/',
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function packages(files: readonly SourceFile[], declared: readonly string[]): Finding[] {
  const outside = edgesOf(files).filter(
    ({ to, specifier }) => to === undefined && !specifier.startsWith('node:'),
  )
  const byPackage = Map.groupBy(outside, edge => packageOf(edge.specifier))
  return [...byPackage].flatMap(([name, edges]) => {
    const rooms = [...new Set(edges.map(edge => roomOf(edge.from) ?? edge.from))].sort()
    const home = HOMES[name]
    const misplaced = edges.filter(edge => home !== undefined && !edge.from.startsWith(home))
    const rivals = home === undefined && rooms.length > 1 ? edges : misplaced
    const undeclared = declared.includes(name) ? [] : edges
    return [
      ...rivals.map(({ from, line }) => ({
        path: from,
        line,
        found: `${name} is imported by ${rooms.join(', ')}`,
        instead:
          'one room owns a package (ARCHITECTURE, Packages, says which); ask that room, or hand its value over',
      })),
      ...undeclared.map(({ from, line }) => ({
        path: from,
        line,
        found: `${name} is not among the dependencies`,
        instead: 'add it to dependencies in package.json and to Packages in ARCHITECTURE',
      })),
    ]
  })
}

describe('packages', () => {
  test('a second room, a package outside its home, and an undeclared package are found', () => {
    const sample = [
      file('src/std/msgpack.ts', "import { pack } from 'msgpackr'"),
      file('src/threads/link.ts', "import { pack } from 'msgpackr/pack'"),
      file('src/app/worker.ts', "import uws from 'uWebSockets.js'", "import 'left-pad'", "import 'node:fs'"),
      file('src/net/server.ts', "import uws from 'uWebSockets.js'", "import { Client } from 'undici'"),
      file('src/net/outgoing/undici.ts', "await import('undici/lib/client.js')"),
      file('test/contracts/net.test.ts', "import uws from 'uWebSockets.js'"),
    ]
    deepEqual(places(packages(sample, ['msgpackr', 'undici', NATIVE])), [
      'src/std/msgpack.ts:1',
      'src/threads/link.ts:1',
      'src/app/worker.ts:1',
      'src/app/worker.ts:2',
      'src/net/server.ts:2',
    ])
  })

  test('the tree keeps one importing room per package', () => {
    const files = readTree()
    const manifest: Record<'dependencies' | 'optionalDependencies', Record<string, string>> = JSON.parse(
      files.find(({ path }) => path === 'package.json')?.text ?? '{}',
    )
    const { dependencies, optionalDependencies } = manifest
    assertTidy(packages(files, Object.keys({ ...dependencies, ...optionalDependencies })))
  })
})
