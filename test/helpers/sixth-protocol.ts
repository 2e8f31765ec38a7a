// What one more protocol costs: its folder, its line in the registry and its conformance folder. They are put into a copy
// of the tree, and what can see a protocol there must be green, with nothing else edited by hand.
import { equal, ok } from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Copy, copyTree } from './tree-copy.ts'

const toy = join(import.meta.dirname, '../integration/fixtures/toy')

/** A toy: whoever needs more for a protocol than this does something that the contract does not ask for. */
const linesMax = 59

const biome = 'node_modules/@biomejs/biome/bin/biome'

const rules = ['tidy', 'conformance/protocols.test.ts', 'conformance/toy']

const registryFollowers = [
  'unit/admin/metrics.test.ts',
  'unit/app/configuration.test.ts',
  'unit/settings',
  'unit/telemetry/codes.test.ts',
  'integration/deploy-files.test.ts',
  'integration/playground.test.ts',
  'integration/protocols-apart.test.ts',
  'integration/rendering.test.ts',
]

const printed = ['readme', 'command-line', 'doors', 'frontend-contract', 'admin-listener'].map(
  name => `integration/${name}.test.ts`,
)
const printedTests = 'the tables of README|the sample|the page names each|every door|every route|every number'

type Step = readonly [what: string, ...args: string[]]

/** Steps of `npm test` that see front-ends. */
export const stepsOfAll: readonly Step[] = [
  ['the documents, printed anew', 'test/docs.ts'],
  ['the formatter', biome, 'check', '--write', 'src/frontends/toy', 'test/conformance/toy'],
  // Of the rest, it is that of the tree.
  ['lint', biome, 'ci', '--error-on-warnings', '--colors=off', 'src/frontends', 'test/conformance/toy'],
  ['types', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'],
  ['the rules of the house and the protocol’s own table', 'test/run.ts', '--built', ...rules],
]

/** What follows the registry of the longer ones. */
export const stepsOfFollowers: readonly Step[] = [
  ['what follows the registry', 'test/run.ts', '--built', ...registryFollowers],
  [
    'the printed pages, the command line and the doors',
    'test/run.ts',
    '--built',
    ...printed,
    '--only',
    printedTests,
  ],
]

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

export function addAndSee(t: TestContext, steps: readonly Step[]): void {
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
}
