// No file may tell where the project was built or installed from: registries and paths of one machine.

import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertTidy, type Finding, file, places, readTree, type SourceFile } from './tree.ts'

const TRACES: readonly { readonly pattern: RegExp; readonly found: string }[] = [
  {
    pattern: /(?<![\w.])registry\.(?:[\w-]+\.)*(?:org|com|net|io|dev|cloud|local|internal|lan|corp)\b/i,
    found: 'a package registry by name',
  },
  {
    pattern: /https?:\/\/[^/\s'"]*(?:registry|artifactory|nexus|npm-proxy|mirror)[^/\s'"]*/i,
    found: 'a package registry by address',
  },
  { pattern: /^\s*"resolved":\s*"http/, found: 'a package registry in the lockfile' },
  {
    pattern: /(?<![\w.~)\]}-])\/(?:work|home|root|Users|mnt)\/[\w.-]/,
    found: 'an absolute path of one machine',
  },
]

function traces(files: readonly SourceFile[]): Finding[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((said, index) =>
      TRACES.filter(({ pattern }) => pattern.test(said)).map(({ found }) => ({
        path,
        line: index + 1,
        found,
        instead: 'leave it out; the environment that installs or runs us supplies it',
      })),
    ),
  )
}

describe('traces', () => {
  test('registries and machine paths are found in any file', () => {
    const host = ['registry', 'example', 'org'].join('.')
    const home = ['', 'home', 'ada', 'ringcast'].join('/')
    const sample = [
      file('.npmrc', `@own:${host}`),
      file(
        'src/net/a.ts',
        "import { x } from '../frontends/registry.ts'",
        'registry.get(name)',
        `// see ${home}`,
      ),
      file('README.md', 'https://example.org/home/ada', './home/x'),
    ]
    deepEqual(places(traces(sample)), ['.npmrc:1', 'src/net/a.ts:3'])
  })

  test('the tree has none', () => assertTidy(traces(readTree())))
})
