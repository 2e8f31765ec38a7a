// The settings file: whatever is in it, the start gets values that fit, or sentences that say what does not.
import assert, { equal } from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfiguration } from '../../../src/app/configuration.ts'
import { frontends } from '../../../src/app/worker.ts'
import { damaged } from '../damage.ts'
import { makeFolder } from '../memory-folder.ts'
import type { Target } from '../target.ts'

const samples = [
  'mode: production\nworkers: 3\nrpushd:\n  listen: 127.0.0.1:45831\n  secret: [one, two]\n  heartbeat_ms: 15_000\n',
  'namespaces:\n  - channels: "chat:*"\n    history_size: 10\n  - channels: [a, b]\n    publish: [rpushd]\n',
  '{"mode":"development","history":{"size":100,"ttl_ms":1e3},"admin":{"hosts":["a","b"],"listen":"off"}}',
  'a: &a [1, *b]\nb: &b {x: &c !!binary AAH/, <<: *c}\n? [k, {l: m}]\n: |\n  text\n  more\n',
  'x: &x\n  y: *x\nnamespaces: *x\nworkers: *x\nlog_level: *x\n',
  'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c]\n',
  `admin: ${'['.repeat(60)}${']'.repeat(60)}\nengine: {idempotency_ms: 0x10, policy: !!set {a, b}}\n`,
]

const folder = makeFolder('fuzz-settings-')
const path = join(folder, 'settings.yaml')
const random = { hex: (bytes: number) => 'ab'.repeat(bytes) }

export const settingsFile: Target = {
  name: 'settings-file',
  share: 0.4,
  inputs: damaged(samples),
  check(bytes) {
    writeFileSync(path, bytes)
    const read = readConfiguration(frontends, { environment: { RINGCAST_CONFIG: path } }, random)
    for (const mistake of [...read.mistakes, ...read.warnings.map(({ text }) => text)]) {
      equal(typeof mistake, 'string')
      assert.notEqual(mistake, '')
    }
    // They go to the workers as they are.
    structuredClone(read.values)
  },
}
