// One anonymous client that sends as fast as it can, and comes again whenever it is closed: the node lives, nobody else
// misses anything, and memory stays. `floods.soak.ts` does the same for longer, and through the proxies that we ship for.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { floods } from '../../helpers/floods/kinds.ts'
import { besiege, describeSiege, startBesieged } from '../../helpers/floods/siege.ts'

const floodMs = 3_000
const grownBytesMax = 64_000_000

test('a flood of anything costs nobody but who sends it', async t => {
  const daemon = await startBesieged(t)
  // The other listeners have the same socket layer; the soak floods them too.
  for (const kind of floods.filter(({ listener }) => listener === 'pinghub')) {
    const siege = await besiege(daemon, kind, floodMs)
    t.diagnostic(describeSiege(kind.name, siege))
    if (kind.isUnseen === undefined)
      ok(siege.connections > kind.connections, `${kind.name}: it was closed and came again`)
    ok(siege.grownBytes < grownBytesMax, `${kind.name}: ${siege.grownBytes} bytes more`)
    if (kind.word !== undefined)
      ok((siege.words[kind.word] ?? 0) > 0, `${kind.name}: the word is ${kind.word}`)
  }
  const [worker] = await daemon.statistics()
  const counted = worker?.['net pinghub'] ?? {}
  ok((counted['floods'] ?? 0) > 0 && (worker?.['traffic']?.['requestsPutOff'] ?? 0) > 0)
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
})
