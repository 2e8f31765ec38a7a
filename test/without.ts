// What is left without one protocol: `node test/without.ts <protocol> [folder …]`. In a copy of the tree from which it is
// deleted, types and the rules of the house must hold, and the tests of the folders pass, those that speak it alone aside.
import { deepEqual } from 'node:assert/strict'
import * as registry from '../src/frontends/registry.ts'
import { copyTree } from './helpers/tree-copy.ts'
import { removeBroken, removeProtocol, rulesIn } from './helpers/without.ts'

/** Tests in the folders of no protocol that know no other client than this one's. The list may only become shorter. */
const speaking: Readonly<Record<string, readonly string[]>> = {
  rpushd: ['test/integration/deploy-packages.test.ts'],
}

const [protocol = '', ...tests] = process.argv.slice(2)
process.exitCode = Object.hasOwn(registry, protocol) ? main() : usage()

function usage(): number {
  console.error(`node test/without.ts <${Object.keys(registry).join(' | ')}> [folder …]`)
  return 2
}

function main(): number {
  const ends: (() => void)[] = []
  try {
    const copy = copyTree({ after: run => void ends.push(run) })
    removeProtocol(copy, protocol)
    const removed = removeBroken(copy).filter(path => /\.(?:test|soak)\.ts$/.test(path))
    deepEqual(removed, speaking[protocol] ?? [], 'tests that cannot do without it')
    const steps: readonly (readonly string[])[] = [
      ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'],
      ['test/docs.ts'],
      ['test/run.ts', ...rulesIn(copy)],
      ...(tests.length === 0 ? [] : [['test/run.ts', ...tests]]),
    ]
    for (const step of steps) {
      const { status, output } = copy.run(step)
      if (status === 0) continue
      console.error(`without ${protocol}: ${step.join(' ')}\n${output}`)
      return 1
    }
    console.log(`without ${protocol}: ${['types', 'rules', ...tests].join(', ')} hold`)
    return 0
  } finally {
    for (const end of ends) end()
  }
}
