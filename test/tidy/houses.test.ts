// Houses inside a room: who may look into which. The rooms themselves are judged by layers.test.ts.
import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { importsOf, scan } from './scan.ts'
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

/** By room: what stands in a house may import that house and what is named; files beside the houses are on top of them. */
const HOUSES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'src/engine/': {
    'src/engine/owner/': ['src/engine/words/', 'src/engine/settings.ts'],
    'src/engine/reader/': ['src/engine/words/', 'src/engine/settings.ts'],
    'src/engine/words/': ['src/engine/settings.ts'],
  },
  'src/net/': {
    'src/net/outgoing/': ['src/net/bare-connection.ts', 'src/net/guard.ts'],
  },
}

function between(files: readonly SourceFile[]): Finding[] {
  return typeScript(files, 'src').flatMap(({ path, text }) => {
    const room = Object.keys(HOUSES).find(each => path.startsWith(each)) ?? ''
    const house = Object.keys(HOUSES[room] ?? {}).find(each => path.startsWith(each))
    if (house === undefined) return []
    const allowed = [house, ...(HOUSES[room]?.[house] ?? [])]
    return importsOf(scan(text)).flatMap(({ specifier, line }) => {
      const to = resolveSpecifier(path, specifier)
      if (to?.startsWith(room) !== true || allowed.some(each => to.startsWith(each))) return []
      return [
        {
          path,
          line,
          found: `${house} imports ${to}`,
          instead: `it may import ${allowed.join(', ')}; what both speak stands in words, what joins them above`,
        },
      ]
    })
  })
}

describe('houses', () => {
  test('one that looks into another, or up, is found; words, settings and other rooms are open to it', () => {
    const sample = [
      file(
        'src/engine/owner/a.ts',
        "import { a } from '../reader/a.ts'",
        "import type { b } from '../engine.ts'",
        "import { c } from '../words/c.ts'",
        "import { d } from './d.ts'",
        "import { e } from '../../std/e.ts'",
        "import { f } from '../settings.ts'",
      ),
      file('src/engine/reader/a.ts', "import type { a } from '../owner/a.ts'"),
      file('src/engine/words/c.ts', "import type { a } from '../reader/a.ts'"),
      file('src/engine/engine.ts', "import { a } from './owner/a.ts'", "import { b } from './reader/a.ts'"),
    ]
    deepEqual(places(between(sample)), [
      'src/engine/owner/a.ts:1',
      'src/engine/owner/a.ts:2',
      'src/engine/reader/a.ts:1',
      'src/engine/words/c.ts:1',
    ])
  })

  test('the tree keeps to them', () => assertTidy(between(readTree())))
})
