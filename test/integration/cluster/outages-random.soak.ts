// Outages that follow each other as chance wants it, a hundred times: nothing is lost untold, nothing comes twice or out of order.
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { rehearse } from '../../helpers/cluster/outage.ts'
import { type OutageKind, standaloneGround } from '../../helpers/cluster/outage-kinds.ts'

const sequences = 100
const messages = 2_000

const passing: readonly OutageKind[] = [
  'stopped',
  'restarted-empty',
  'restarted-from-disk',
  'paused',
  'slow',
  'node-cut-off',
]
/** There is one replica, which takes the place of the other once. */
const last: readonly OutageKind[] = [...passing, 'lost-tail']

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
const kinds = fc.tuple(fc.array(fc.constantFrom(...passing), { maxLength: 2 }), fc.constantFrom(...last))

for (const [index, [before, after]] of fc.sample(kinds, { seed, numRuns: sequences }).entries()) {
  const all = [...before, after]
  test(`sequence ${index} of seed ${seed}: ${all.join(', ')}`, async t => {
    const { url, kinds: own } = await standaloneGround(t, 2)
    const report = await rehearse(t, {
      url,
      messages,
      async happens(stage) {
        for (const kind of all) await own[kind]?.(stage)
      },
    })
    t.diagnostic(JSON.stringify(report))
  })
}
