// Files of the state directory: a damaged one costs what was in it, with a line in the log, and the start goes on. What
// is taken from it must be sound, and the worker that starts with it must serve.
import assert, { deepEqual, equal } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Engine } from '../../../src/engine/engine.ts'
import type { ChannelSnapshot } from '../../../src/engine/owner/snapshot.ts'
import { plainRing } from '../../../src/engine/ring.ts'
import { defaultNamespace } from '../../../src/engine/words/namespace.ts'
import { parseOffset } from '../../../src/engine/words/position.ts'
import { packChannels, parseChannels, State } from '../../../src/state/state.ts'
import { packExact, unpack } from '../../../src/std/msgpack.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { channelName, engineDefaults, historyDefaults } from '../../helpers/mesh.ts'
import { damaged } from '../damage.ts'
import { makeFolder } from '../memory-folder.ts'
import type { Target } from '../target.ts'
import { assertSound } from './soundness.ts'

const epoch = 'a1b2c3d4'
const first = 110_000_000_000_000
const payload = Buffer.from('{"n":1}')

/** Two channels with history and keys, and one without. */
const channels: readonly ChannelSnapshot[] = [
  ['news', epoch, first, first + 3, [1, 2].map(n => [60_000, [first + n, 0, payload]] as const), []],
  [
    'caf\u00e9',
    epoch,
    first,
    first + 1,
    [[60_000, [first, 2, Buffer.alloc(40), ['id'], { loud: { body: payload } }]]],
    [['key', first, 60_000]],
  ],
  ['quiet', epoch, first, first, [], []],
]

const namespaces = [defaultNamespace(engineDefaults, { ...historyDefaults, size: 10 })]
const ownerOf = plainRing(2)
let errors = 0
const log: Log = {
  level: 'info',
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {
    errors++
  },
  fatal() {},
}
const clock = new FakeClock()
const folder = makeFolder('fuzz-state-')
const state = new State(folder, clock, log)
const path = join(folder, 'snapshot.0')
const sample = sampleFile()

/** As a node writes it. */
function sampleFile(): Buffer {
  state.leave(new Map([[0, packChannels(channels)]]), true)
  const bytes = readFileSync(path)
  state.take(ownerOf)
  return bytes
}

/** A worker that starts with them serves each of them. */
function serve(slot: number, restored: Uint8Array): void {
  const engine = new Engine({
    slot,
    clock: new FakeClock(),
    random: { hex: () => 'e' },
    settings: engineDefaults,
    history: historyDefaults,
    namespaces,
    ownerOf,
    seed: () => parseOffset(first),
    opened() {},
  })
  engine.restore(parseChannels(restored), 0)
  engine.open([])
  assertSound(engine.snapshot())
  for (const [name] of engine.snapshot()) {
    const content = { kind: 'json', payload } as const
    engine.publish({ channel: channelName(name), content, via: 'fuzz' }, outcome => {
      assert(typeof outcome !== 'string', `${name} takes no publication: ${outcome}`)
    })
  }
  assertSound(engine.snapshot())
}

export const snapshotFile: Target = {
  name: 'snapshot-file',
  inputs: damaged([sample]),
  share: 0.6,
  check(bytes) {
    writeFileSync(path, bytes)
    const before = errors
    const taken = state.take(ownerOf)
    const isWhole = bytes.equals(sample)
    if (isWhole) assert(taken.size > 0, 'all of a whole file is taken')
    equal(errors - before, taken.size > 0 ? 0 : 1, 'a damaged file is told once')
    // Other bytes may unpack to what was written; anything else is refused.
    for (const [slot, restored] of taken) {
      const known = channels.filter(([name]) => ownerOf(name) === slot)
      deepEqual(parseChannels(restored), unpack(packChannels(known)))
      serve(slot, restored)
    }
  },
}

/** Channels that somebody wrote and sealed with a digest of his own: what is taken all the same must serve. */
export const sealedSnapshot: Target = {
  name: 'sealed-snapshot',
  inputs: damaged([Buffer.from(packChannels(channels))]),
  share: 0.3,
  check(bytes) {
    const [version] = unpack(sample) as [number] // as the node wrote it
    const writtenUnixMs = clock.unixMs()
    const digest = createHash('sha256').update(String(writtenUnixMs)).update(bytes).digest()
    writeFileSync(path, packExact([version, writtenUnixMs, digest, bytes]))
    const before = errors
    const taken = state.take(ownerOf)
    assert(errors - before <= 1, 'a forged file is told once')
    for (const [slot, restored] of taken) {
      equal(errors, before, 'a file that is refused gives nothing')
      serve(slot, restored)
    }
  },
}

/** The numbers that were reserved: whatever the file says, offsets stay numbers with room above them. */
export const highWater: Target = {
  name: 'high-water',
  inputs: damaged([
    String(first),
    `${first} 1750000000000`,
    '',
    '0',
    '9007199254740991',
    '9'.repeat(20),
    '1e400',
    'Infinity',
    '-1',
    '0x10',
  ]),
  share: 0.05,
  check(bytes) {
    const listeners = process.listeners('exit')
    const own = makeFolder('fuzz-high-water-')
    try {
      writeFileSync(join(own, 'high-water'), bytes)
      const seed = new State(own, new FakeClock(), log).seed()
      assert(Number.isSafeInteger(seed) && seed >= 0, `offsets begin at ${seed}`)
      assert(seed < Number.MAX_SAFE_INTEGER / 2, `${seed} leaves no room`)
    } finally {
      // Each folder waits for the end of the process.
      for (const listener of process.listeners('exit')) {
        if (!listeners.includes(listener)) process.removeListener('exit', listener)
      }
      rmSync(own, { recursive: true, force: true })
    }
  },
}
