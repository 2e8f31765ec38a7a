// The documents against the tree and package.json: what they link, name and promise must exist.

import assert, { deepEqual } from 'node:assert/strict'
import { posix } from 'node:path'
import { describe, test } from 'node:test'
import { assertTidy, type Finding, file, places, readTree, type SourceFile } from './tree.ts'

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly overrides?: Readonly<Record<string, string>>
}

const ROOT_DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'LICENSE',
]

/** The changelog speaks of what was, so its paths may be gone. */
const PRESENT_TENSE = (path: string): boolean => path.endsWith('.md') && path !== 'CHANGELOG.md'

const OUR_FOLDERS = 'src|workers|test|bench|deploy|\\.ci'
const KNOWN_ENDING = /\w\.(?:ts|md|json|sh|yml|yaml|conf|service)$/

/** Written by the build, so a clean clone has none of it. */
const BUILT = /^dist(?:\/|$)/

function eachLine(text: string): { readonly line: number; readonly said: string }[] {
  return text.split('\n').map((said, index) => ({ line: index + 1, said }))
}

function exists(paths: readonly string[], target: string): boolean {
  const wanted = target.replace(/\/$/, '')
  return (
    BUILT.test(wanted) ||
    wanted === '.' ||
    paths.some(path => path === wanted || path.startsWith(`${wanted}/`))
  )
}

function deadLinks(files: readonly SourceFile[]): Finding[] {
  const paths = files.map(({ path }) => path)
  return files
    .filter(({ path }) => path.endsWith('.md'))
    .flatMap(({ path, text }) =>
      eachLine(text).flatMap(({ line, said }) => {
        const targets = [...said.matchAll(/\]\(([^)\s]+)\)/g)].map(hit => hit[1] ?? '')
        const dead = targets.filter(
          target => !/^[a-z]+:/.test(target) && !linkHolds(files, paths, path, target),
        )
        return dead.map(target => ({
          path,
          line,
          found: `the link ${target} leads nowhere`,
          instead: 'mend the path or the heading it names',
        }))
      }),
    )
}

function linkHolds(
  files: readonly SourceFile[],
  paths: readonly string[],
  from: string,
  target: string,
): boolean {
  const [place = '', anchor] = target.split('#')
  const to = place === '' ? from : posix.join(posix.dirname(from), place)
  if (!exists(paths, to)) return false
  if (anchor === undefined || !to.endsWith('.md')) return true
  const headings = (files.find(({ path }) => path === to)?.text ?? '').matchAll(/^#+ (.*)$/gm)
  return [...headings].some(([, heading = '']) => slug(heading) === anchor)
}

function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replaceAll(' ', '-')
}

/** Paths that begin with one of our folders, anywhere; and file names in backticks, from any folder of ours. */
function deadPaths(files: readonly SourceFile[]): Finding[] {
  const paths = files.map(({ path }) => path)
  const rooted = new RegExp(`(?<![\\w./@-])(?:${OUR_FOLDERS})/[\\w./-]*\\w(?![\\w/]*[<*{…])`, 'g')
  return files
    .filter(({ path }) => PRESENT_TENSE(path))
    .flatMap(({ path, text }) =>
      eachLine(text).flatMap(({ line, said }) => {
        const bare = said.replace(/https?:\S+|\]\([^)]*\)/g, ' ')
        const whole = [...bare.matchAll(rooted)].map(([name]) => name).filter(name => !exists(paths, name))
        const quoted = [...bare.matchAll(/`([\w.-]+(?:\/[\w.-]+)*)`/g)].map(hit => hit[1] ?? '')
        const loose = quoted.filter(name => KNOWN_ENDING.test(name) && !BUILT.test(name))
        const gone = loose.filter(name => !paths.some(one => one === name || one.endsWith(`/${name}`)))
        return [...new Set([...whole, ...gone])].map(name => ({
          path,
          line,
          found: `${name} does not exist`,
          instead: 'name the file that does the job now',
        }))
      }),
    )
}

function missingReasons(architecture: string, manifest: Manifest): Finding[] {
  const section = /^## Packages$([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(architecture)?.[1] ?? ''
  const { dependencies, optionalDependencies, devDependencies } = manifest
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies })
  const unnamed = names.filter(name => !section.includes(`\`${name}\``))
  return unnamed.map(name => ({
    path: 'ARCHITECTURE.md',
    line: 1,
    found: `the section Packages does not say why ${name} is here`,
    instead: 'add a sentence with its name in backticks, or remove the dependency',
  }))
}

function looseVersions(manifest: Manifest): Finding[] {
  const { dependencies, optionalDependencies, devDependencies, overrides } = manifest
  const all = { ...dependencies, ...optionalDependencies, ...devDependencies, ...overrides }
  const loose = Object.entries(all).filter(
    ([, range]) => !/^(?:npm:[\w@./-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(range),
  )
  return loose.map(([name, range]) => ({
    path: 'package.json',
    line: 1,
    found: `${name} is not pinned: ${range}`,
    instead: 'write one exact version',
  }))
}

/** Hooks of npm (`prestart`) belong to their script and are not words that anybody types. */
function scriptVocabulary(files: readonly SourceFile[], manifest: Manifest): Finding[] {
  const scripts = Object.keys(manifest.scripts ?? {})
  const words = scripts.filter(
    name => !scripts.some(other => name === `pre${other}` || name === `post${other}`),
  )
  const named = (text: string): string[] =>
    [...text.matchAll(/\bnpm (?:run (?:--silent )?([\w:-]+)|(test|start)\b)/g)].map(
      hit => hit[1] ?? hit[2] ?? '',
    )
  const unknown = files
    .filter(({ path }) => PRESENT_TENSE(path))
    .flatMap(({ path, text }) =>
      eachLine(text).flatMap(({ line, said }) =>
        named(said)
          .filter(name => !scripts.includes(name))
          .map(name => ({
            path,
            line,
            found: `npm run ${name} does not exist`,
            instead: 'name a script of package.json',
          })),
      ),
    )
  const told = named(files.find(({ path }) => path === 'CONTRIBUTING.md')?.text ?? '')
  const untold = words.filter(name => !told.includes(name))
  return [
    ...unknown,
    ...untold.map(name => ({
      path: 'CONTRIBUTING.md',
      line: 1,
      found: `the script ${name} is not described`,
      instead: 'add it to the vocabulary, or remove it from package.json',
    })),
  ]
}

function manifestOf(files: readonly SourceFile[]): Manifest {
  return JSON.parse(textOf(files, 'package.json'))
}

function textOf(files: readonly SourceFile[], path: string): string {
  const found = files.find(one => one.path === path)
  assert.ok(found, `${path} is missing`)
  return found.text
}

describe('links and paths in documents', () => {
  test('a dead link, a dead anchor and dead paths are found', () => {
    const sample = [
      file(
        'README.md',
        '# One Thing',
        '[a](src/gone.ts) [b](#one-thing) [c](#two) [d](https://example.org/x)',
        '`src/net` `hub.ts`',
      ),
      file(
        'src/net/README.md',
        '[up](../../README.md#one-thing) `pool.ts`',
        '```',
        'node bench/none.ts',
        '```',
      ),
      file('src/net/hub.ts'),
      file('CHANGELOG.md', '`src/net/forgotten.ts`'),
    ]
    deepEqual(places(deadLinks(sample)), ['README.md:2', 'README.md:2'])
    deepEqual(places(deadPaths(sample)), ['src/net/README.md:1', 'src/net/README.md:3'])
  })

  test('patterns, packages and built files are not paths of ours', () => {
    const sample = [
      file(
        'README.md',
        '`src/frontends/<protocol>/codec.ts` `test/**/*.test.ts` `uWebSockets.js` `dist/src/main.js`',
      ),
    ]
    deepEqual(deadPaths(sample), [])
  })

  test('the documents hold', () => {
    const files = readTree()
    assertTidy([...deadLinks(files), ...deadPaths(files)])
  })
})

describe('packages and scripts in documents', () => {
  test('a dependency without a reason and a version range are found', () => {
    const manifest = {
      dependencies: { pino: '^1.0.0', ws: 'npm:ws-pack@1.2.3' },
      devDependencies: { typescript: '7.0.2' },
    }
    const architecture = '# A\n\n## Packages\n\n`pino` logs.\n\n## Decisions\n\n`ws` is not here.\n'
    deepEqual(
      missingReasons(architecture, manifest).map(({ found }) => found.split(' ').at(-3)),
      ['ws', 'typescript'],
    )
    deepEqual(
      looseVersions(manifest).map(({ found }) => found),
      ['pino is not pinned: ^1.0.0'],
    )
  })

  test('a script that only the document or only the manifest knows is found', () => {
    const sample = [file('CONTRIBUTING.md', 'Run `npm test`.', 'Run `npm run polish`.')]
    const manifest = { scripts: { test: '', pretest: '', lint: '' } }
    deepEqual(places(scriptVocabulary(sample, manifest)), ['CONTRIBUTING.md:2', 'CONTRIBUTING.md:1'])
  })

  test('the documents and package.json agree', () => {
    const files = readTree()
    const manifest = manifestOf(files)
    const architecture = textOf(files, 'ARCHITECTURE.md')
    assertTidy([
      ...missingReasons(architecture, manifest),
      ...looseVersions(manifest),
      ...scriptVocabulary(files, manifest),
    ])
  })

  test('the root documents exist, and the changelog begins with what is unreleased or the newest version', () => {
    const files = readTree()
    for (const path of ROOT_DOCUMENTS) assert.ok(textOf(files, path).trim() !== '', `${path} is empty`)
    const first = /^## (.*)$/m.exec(textOf(files, 'CHANGELOG.md'))?.[1] ?? ''
    assert.match(
      first,
      /^(?:Unreleased|\d+\.\d+\.\d+)/,
      'CHANGELOG.md needs a heading "## Unreleased" or "## 1.2.3 …"',
    )
  })
})
