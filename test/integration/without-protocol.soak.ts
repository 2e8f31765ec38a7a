// Without any one protocol the tests of the others pass: rooms, contracts, tables of exchanges, models, decoders
// and the running daemon.
import { equal } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import * as registry from '../../src/frontends/registry.ts'

const root = join(import.meta.dirname, '../..')
const folders = ['unit', 'contracts', 'conformance', 'property', 'fuzz', 'integration']

for (const name of Object.keys(registry)) {
  test(`without ${name} the tests of the others pass`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['test/without.ts', name, ...folders], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1_048_576,
    })
    equal(status, 0, stdout + stderr)
  })
}
