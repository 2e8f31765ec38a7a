// Every outage of the table against every kind of broker, with two nodes and with three, 10,000 numbered publications each.
import { ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { losesTailWith } from '../../helpers/cluster/lost-tail.ts'
import { rehearse } from '../../helpers/cluster/outage.ts'
import { clusterGround, type OutageKind, standaloneGround } from '../../helpers/cluster/outage-kinds.ts'
import { startWatched } from '../../helpers/redis/pair.ts'
import { until } from '../../helpers/until.ts'

const messages = 10_000
/** More than one server of a Redis Cluster has some. */
const channels = 6
const everyMs = 4

const kinds: readonly OutageKind[] = [
  'stopped',
  'restarted-empty',
  'restarted-from-disk',
  'paused',
  'slow',
  'lost-tail',
  'old-one-alone',
  'node-cut-off',
]

const grounds = { redis: standaloneGround, 'redis-cluster': clusterGround }

for (const [name, startGround] of Object.entries(grounds)) {
  for (const count of [2, 3]) {
    describe(`${name} with ${count} nodes`, () => {
      for (const kind of kinds) {
        // The old primary of a Redis Cluster refuses by itself as soon as it is alone.
        if (name === 'redis-cluster' && kind === 'old-one-alone') continue
        test(kind, async t => {
          const { url, kinds: own } = await startGround(t, count)
          const happens = own[kind]
          ok(happens)
          const report = await rehearse(t, { url, count, messages, channels, everyMs, happens })
          t.diagnostic(JSON.stringify(report))
        })
      }
    })
  }
}

for (const acks of ['master', 'replica'] as const) {
  test(`Sentinels, a primary that is paused and takes writes when it goes on, acknowledged by the ${acks}`, async t => {
    const watched = await startWatched(t)
    const hosts = watched.sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')
    const report = await rehearse(t, {
      url: `redis+sentinel://${hosts}/${watched.name}`,
      messages,
      channels,
      everyMs,
      environment: { RINGCAST_CLUSTER_ACKS: acks },
      renumbers: acks === 'replica',
      async happens({ more }) {
        watched.primary.pause()
        await until(
          'another primary to be named',
          async () => (await watched.named()) !== watched.primary.port,
        )
        watched.primary.resume()
        await more(500)
        await until('the old one to follow', async () => (await watched.primary.role()) === 'slave')
      },
    })
    t.diagnostic(JSON.stringify(report))
  })
}

for (const acks of ['master', 'replica'] as const)
  for (const isCutOff of [false, true]) losesTailWith({ acks, isCutOff, messages })
