// Any one protocol can be deleted: nothing but its own folders stands on it. Each takes half a minute of a processor, so
// they take turns, one each day; the soak plays all of them, with the tests of the others.
import { equal } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import * as registry from '../../src/frontends/registry.ts'

const root = join(import.meta.dirname, '../..')
const dayMs = 86_400_000

const names = Object.keys(registry)
const today = names[Math.floor(Date.now() / dayMs) % names.length] ?? ''

test(`without ${today} types and the rules of the house hold`, t => {
  t.diagnostic(`today without ${today}; each of them: npm run soak, or node test/without.ts <protocol>`)
  const { status, stdout, stderr } = spawnSync(process.execPath, ['test/without.ts', today], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1_048_576,
  })
  equal(status, 0, stdout + stderr)
})
