// The runner of the tests: in which order files begin, and, as a process, what a pattern starts.
import { deepEqual, equal, match } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { describe, test } from 'node:test'
import { temporaryFolder } from '../helpers/installed.ts'
import { joinFiles } from '../helpers/run/joined.ts'
import { filesOf, LONG_FILES } from '../helpers/run/plan.ts'

const runner = new URL('../run.ts', import.meta.url).pathname

interface Ended {
  readonly status: number | null
  readonly text: string
}

function runTests(...args: readonly string[]): Promise<Ended> {
  // With this variable a run within a test would start nothing.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  return new Promise(resolve => {
    const child = execFile(process.execPath, [runner, ...args], { env }, (_, stdout, stderr) =>
      resolve({ status: child.exitCode, text: stdout + stderr }),
    )
  })
}

describe('the plan', () => {
  const files = filesOf([], '.test.ts', undefined)

  test('begins with what is done soon, and with long files before the others', () => {
    const places = [
      /^test\/(?:unit|tidy)\//,
      /\/exchanges\.test\.ts$/,
      /\/restart\.test\.ts$/,
      /^test\/contracts\//,
    ]
    const spans = places.map(place => {
      const at = files.flatMap((file, index) => (place.test(file) ? [index] : []))
      return [at[0], at.at(-1)] as const
    })
    const bounds = spans.flat()
    deepEqual(
      bounds,
      bounds.toSorted((a = 0, b = 0) => a - b),
    )
  })

  test('names no long file that is gone', () => {
    for (const long of LONG_FILES)
      equal(
        files.some(file => long.test(file.replace('test/', ''))),
        true,
        String(long),
      )
  })
})

describe('files that share a process', () => {
  const files = filesOf([], '.test.ts', undefined)

  /** By what is started. */
  function membersOf(path: string): readonly string[] {
    if (files.includes(path)) return [path]
    const imports = [...readFileSync(path, 'utf8').matchAll(/^import "(.*)"$/gm)]
    return imports.map(([, file = '']) => relative(process.cwd(), file))
  }

  test('run once each; long ones and those with hooks outside of a suite stay apart', t => {
    const started = joinFiles(files, temporaryFolder(t, 'joined'))
    equal(started.length < files.length / 3, true, `${started.length} of ${files.length}`)
    deepEqual(started.flatMap(membersOf).sort(), files.toSorted())
    for (const apart of ['integration/death', 'integration/large-messages', 'unit/engine/owner/held-memory'])
      equal(started.includes(`test/${apart}.test.ts`), true, apart)
  })

  test('are none of a few, which then run side by side', t => {
    const few = ['doors', 'start', 'log'].map(name => `test/integration/${name}.test.ts`)
    deepEqual(joinFiles(few, temporaryFolder(t, 'joined')), few)
  })
})

describe('a pattern', () => {
  test('starts only the files that have a test with such a name', async () => {
    const { status, text } = await runTests('unit/std', '--only', 'a view stays as it is when more comes')
    match(text, /^. tests 1$/m)
    match(text, /^Files: 1, in \d+ min \d+ s$/m)
    equal(status, 0)
  })

  test('finds a name that is computed, by its own text and behind its suite', async () => {
    for (const only of ['^is taken over: one of 64 bytes', 'file is taken over: one of 64']) {
      const { status, text } = await runTests('unit/std', '--only', only)
      match(text, /^. tests 1$/m)
      match(text, /^Files: 1, /m)
      equal(status, 0)
    }
  })

  test('that matches no name says so and ends with status 1', async () => {
    const { status, text } = await runTests('unit/std', '--only', 'no test has this name')
    equal(text, 'No test whose name matches /no test has this name/ in test/{unit/std}.\n')
    equal(status, 1)
  })

  test('that is no regular expression is refused', async () => {
    const { status, text } = await runTests('unit/std', '--only', '([')
    match(text, /^--only takes a regular expression: .*\n$/)
    equal(status, 1)
  })
})
