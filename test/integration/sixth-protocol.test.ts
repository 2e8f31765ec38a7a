// What one more protocol costs: its folder, its line in the registry and its conformance folder. They are put into a copy
// of the tree, and everything there that can see a protocol must be green, with nothing else edited by hand.
import { equal, ok } from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Copy, copyTree } from '../helpers/tree-copy.ts'

const toy = join(import.meta.dirname, 'fixtures/toy')

/** A toy: whoever needs more for a protocol than this does something that the contract does not ask for. */
const linesMax = 59

const biome = 'node_modules/@biomejs/biome/bin/biome'

const printed = ['readme', 'command-line', 'doors', 'frontend-contract', 'admin-listener'].map(
  name => `integration/${name}.test.ts`,
)
const printedTests = 'the tables of README|the sample|the page names each|every door|every route|every number'

/** Steps of `npm test` that see front-ends, and what follows the registry of the longer ones. */
const steps: readonly (readonly [what: string, ...args: string[]])[] = [
  ['the documents, printed anew', 'test/docs.ts'],
  ['the formatter', biome, 'check', '--write', 'src/frontends/toy', 'test/conformance/toy'],
  ['lint', biome, 'ci', '--error-on-warnings', '--colors=off'],
  ['types', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'],
  [
    'the rules of the house, the protocol’s own table, and what follows the registry',
    'test/run.ts',
    '--built',
    ...following(),
  ],
  [
    'the printed pages, the command line and the doors',
    'test/run.ts',
    '--built',
    ...printed,
    '--only',
    printedTests,
  ],
]

function following(): readonly string[] {
  return [
    'tidy',
    'conformance/protocols.test.ts',
    'conformance/toy',
    'unit/admin/metrics.test.ts',
    'unit/app/configuration.test.ts',
    'unit/settings',
    'unit/telemetry/codes.test.ts',
    'integration/deploy-files.test.ts',
    'integration/playground.test.ts',
    'integration/protocols-apart.test.ts',
    'integration/rendering.test.ts',
  ]
}

function addProtocol(copy: Copy): void {
  const add = (from: string, to: string, move: (text: string) => string) => {
    for (const name of readdirSync(join(toy, from))) {
      const text = readFileSync(join(toy, from, name), 'utf8')
      copy.write(join(to, name.replace('-test.ts', '.test.ts')), move(text))
    }
  }
  add('protocol', 'src/frontends/toy', text =>
    text.replaceAll("'../../../../../src/frontends/", "'../").replaceAll("'../../../../../src/", "'../../"),
  )
  add('conformance', 'test/conformance/toy', text =>
    text.replaceAll("'../../../../conformance/", "'../").replaceAll("'../../../../", "'../../"),
  )
  const registry = join(copy.root, 'src/frontends/registry.ts')
  const line = "export { frontend as toy } from './toy/frontend.ts'\n"
  writeFileSync(registry, readFileSync(registry, 'utf8') + line)
}

test('one more protocol costs a folder, a line and its conformance folder', t => {
  const lines = readFileSync(join(toy, 'protocol/frontend.ts'), 'utf8').trimEnd().split('\n').length
  ok(lines <= linesMax, `the toy has ${lines} lines`)
  const copy = copyTree(t)
  addProtocol(copy)
  const { status, output } = copy.build()
  equal(status, 0, output)
  for (const [what, ...args] of steps) {
    const from = performance.now()
    const { status, output } = copy.run(args)
    t.diagnostic(`${what}: ${((performance.now() - from) / 1_000).toFixed(1)} s`)
    equal(status, 0, `${what}:\n${output}`)
  }
})
