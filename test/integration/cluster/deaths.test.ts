// A worker of a node dies, or a whole node does: Redis has every channel's order and history, so nobody loses anything, and nobody
// is told a gap.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { type OutageReport, rehearse } from '../../helpers/cluster/outage.ts'
import { demand } from '../../helpers/faulty/demand.ts'
import { throwing } from '../../helpers/faulty/frontend.ts'
import { startRedis } from '../../helpers/redis/server.ts'
import { until } from '../../helpers/until.ts'

const messages = 1_000

function withoutGaps({ delivered, gaps }: OutageReport): void {
  deepEqual(new Set(gaps), new Set([0]))
  // Two channels.
  deepEqual(new Set(delivered), new Set([messages / 2]))
}

test('each worker of a node in turn meets a bug', async t => {
  const redis = await startRedis(t)
  const report = await rehearse(t, {
    url: `redis://127.0.0.1:${redis.port}`,
    messages,
    main: new URL('../../helpers/faulty/main.ts', import.meta.url),
    async happens({ nodes, more }) {
      const daemon = nodes[0]?.daemon
      ok(daemon)
      for (const slot of [0, 1]) {
        const serving = () => daemon.log.filter(({ msg }) => msg === 'a new worker serves').length
        const before = serving()
        await demand(daemon, slot, throwing[0] ?? '')
        await until('a new worker to serve', () => serving() > before)
        await more(100)
      }
    },
  })
  withoutGaps(report)
  ok(report.reconnects > 0)
})

test('a node is killed, and its clients go on at the other', async t => {
  const redis = await startRedis(t)
  const report = await rehearse(t, {
    url: `redis://127.0.0.1:${redis.port}`,
    messages,
    roaming: true,
    async happens({ nodes, more }) {
      nodes[0]?.daemon.process.kill('SIGKILL')
      equal(await nodes[0]?.daemon.ended, 'SIGKILL')
      await more(100)
    },
  })
  withoutGaps(report)
  equal(report.reconnects > 0, true)
})
