// Any one protocol can be deleted: nothing but its own folders stands on it.
import { equal } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import * as registry from '../../src/frontends/registry.ts'

const root = join(import.meta.dirname, '../..')

for (const name of Object.keys(registry)) {
  test(`without ${name} types and the rules of the house hold`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['test/without.ts', name], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1_048_576,
    })
    equal(status, 0, stdout + stderr)
  })
}
