// The floods at full length, on every listener and through the nginx sites that we ship: the node lives, nobody else
// misses anything, memory stays. The longest wait of a healthy client is told as a figure.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Daemon } from '../helpers/daemon.ts'
import { type Flood, floods } from '../helpers/floods/kinds.ts'
import { besiege, describeSiege, startBesieged } from '../helpers/floods/siege.ts'
import { isMissing, shipped, startNginx, startSite } from '../helpers/proxies.ts'
import { progress, scaled } from '../helpers/soak/budget.ts'

const floodMs = scaled(20_000, 3_000)
const grownBytesMax = 64_000_000

interface Place {
  readonly address: string
  readonly prefix?: string
}

async function besiegeAll(
  t: TestContext,
  daemon: Daemon,
  placeOf: (kind: Flood) => Place | undefined,
): Promise<void> {
  let longestMs = 0
  for (const kind of floods) {
    const place = placeOf(kind)
    if (place === undefined) continue
    const siege = await besiege(daemon, kind, floodMs, place)
    progress(describeSiege(kind.name, siege))
    longestMs = Math.max(longestMs, siege.waitMs)
    ok(siege.grownBytes < grownBytesMax, `${kind.name}: ${siege.grownBytes} bytes more`)
  }
  t.diagnostic(`the longest wait of a healthy client was ${longestMs.toFixed(0)} ms (aim: 500)`)
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
}

test('floods that come straight cost nobody but who sends them', async t => {
  const daemon = await startBesieged(t)
  await besiegeAll(t, daemon, kind => ({ address: daemon.address(kind.listener) }))
})

test('floods through the shipped nginx sites cost nobody but who sends them', {
  skip: isMissing('nginx'),
}, async t => {
  const daemon = await startBesieged(t)
  // The map of the site is for four workers; here each channel is the one worker's.
  const servers = /( +server 127\.0\.0\.1:809\d max_fails=0;\n)+/
  const pinghub = await startNginx(
    t,
    shipped('nginx/ringcast-pinghub.conf').replace(
      servers,
      `server ${daemon.address('pinghub')} max_fails=0;\n`,
    ),
  )
  const site = (file: string, address: string, to: string) =>
    startSite(t, 'nginx', shipped(`nginx/${file}`).replaceAll(address, to))
  const rpushd = await site('ringcast-rpushd.conf', '127.0.0.1:45831', daemon.address('rpushd'))
  const pushy = await site('ringcast-pushy.conf', '127.0.0.1:4000', daemon.address('pushy'))
  const places = {
    pinghub: { address: pinghub.address, prefix: '/pinghub' },
    rpushd: { ...rpushd, prefix: '' },
    pushy: { ...pushy, prefix: '' },
    // No site of ours has it: its door is a proxy itself.
    grip: undefined,
  }
  await besiegeAll(t, daemon, kind => places[kind.listener])
})
