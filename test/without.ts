// What is left without one protocol: `node test/without.ts <protocol> [folder …]`. In a copy of the tree from which it is
// deleted, types and the rules of the house must hold, and the tests of the folders pass, those that speak it alone aside.
import { deepEqual } from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import * as registry from '../src/frontends/registry.ts'
import { copyTree } from './helpers/tree-copy.ts'
import { removeBroken, removeProtocol, rulesIn } from './helpers/without.ts'

/** Tests in the folders of no protocol that go with this one, and why. The list may only become shorter. */
const speaking: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  grip: {
    'test/integration/bench.test.ts': 'some of the questions are about its streams',
    'test/integration/bench-questions.soak.ts': 'some of the questions are about its streams',
  },
  pinghub: {
    'test/integration/bench.test.ts': 'some of the questions are about its WebSockets',
    'test/integration/bench-questions.soak.ts': 'some of the questions are about its WebSockets',
    'test/integration/cross-site.test.ts': 'it alone judges the origin of a page',
    'test/integration/deploy-files.test.ts': 'what is shipped names its settings, as pages do',
    'test/integration/playground-chromium.test.ts': 'it alone takes a publish of text without a credential',
    'test/integration/playground-command.test.ts': 'it alone takes a publish of text without a credential',
    'test/integration/playground.test.ts': 'it alone is asked for a WebSocket by pages of other hosts',
    'test/integration/terminal.test.ts': 'it alone has names with every character, for the log to show',
  },
  pushwire: {
    'test/integration/bench.test.ts': 'some of the questions are about its clients',
    'test/integration/bench-questions.soak.ts': 'some of the questions are about its clients',
  },
  pushy: {
    'test/integration/deploy-files.test.ts': 'what is shipped names its settings, as pages do',
  },
  rpushd: {
    'test/integration/bench.test.ts': 'the benches measure by its streams',
    'test/integration/bench-questions.soak.ts': 'the benches measure by its streams',
    'test/integration/command-line.test.ts': 'its settings and tokens are the examples',
    'test/integration/deploy-files.test.ts': 'what is shipped names its settings, as pages do',
    'test/integration/deploy-packages.test.ts': 'what is packed starts it',
    'test/integration/deploy-packages.soak.ts': 'the unit that is packed starts it, with its credentials',
    'test/integration/reload.test.ts': 'its secrets and tokens are what changes',
  },
}

/** Tests that look at the whole tree, where pages speak of the protocol and helpers served it alone. */
const ofTree = [
  'test/integration/sixth-protocol.test.ts',
  'test/integration/sixth-protocol.soak.ts',
  'test/integration/without-protocol.test.ts',
]

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
    // One that is gone already has to leave its list.
    for (const path of [...Object.keys(speaking[protocol] ?? {}), ...ofTree]) rmSync(join(copy.root, path))
    const removed = removeBroken(copy).filter(path => /\.(?:test|soak)\.ts$/.test(path))
    deepEqual(removed, [], 'tests that cannot do without it')
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
