// Outages of a Redis that two nodes share, with 2,000 numbered publications each: nothing is lost untold, nothing comes twice,
// nothing out of order, and all subscribers of both nodes agree. The judge says so; what stands here is what else is seen.
import { deepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { type OutageReport, rehearse } from '../../helpers/cluster/outage.ts'
import { failsOver, losesTail, startStandalone, startWithReplica } from '../../helpers/cluster/standalone.ts'

const messages = 2_000

function withoutGaps({ delivered, gaps }: OutageReport): void {
  deepEqual(new Set(gaps), new Set([0]))
  // Two channels.
  deepEqual(new Set(delivered), new Set([messages / 2]))
}

test('while Redis is paused, publishes are refused, and everybody goes on without a gap', async t => {
  const { redis, url } = await startStandalone(t)
  const report = await rehearse(t, {
    url,
    messages,
    async happens({ refused }) {
      redis.pause()
      await refused(4)
      redis.resume()
    },
  })
  withoutGaps(report)
  deepEqual(report.reconnects, 0)
})

test('where Redis is killed and comes back empty, everybody is told one gap and stays', async t => {
  const { redis, url } = await startStandalone(t)
  const report = await rehearse(t, {
    url,
    messages,
    async happens({ refused }) {
      await redis.kill()
      await refused(4)
      await redis.restartEmpty()
    },
  })
  deepEqual(new Set(report.gaps), new Set([1]))
  deepEqual(report.reconnects, 0)
})

for (const acks of ['master', 'replica'] as const) {
  const environment = { RINGCAST_CLUSTER_ACKS: acks }
  const renumbers = acks === 'replica'

  test(`a fail-over that loses the tail, acknowledged by the ${acks}`, async t => {
    const pair = await startWithReplica(t)
    const report = await rehearse(t, {
      url: pair.url,
      messages,
      environment,
      renumbers,
      async happens() {
        await losesTail(pair)
        await failsOver(pair)
      },
    })
    ok(
      report.gaps.every(count => count <= 1),
      String(report.gaps),
    )
    if (acks === 'master')
      ok(
        report.gaps.every(count => count === 1),
        String(report.gaps),
      )
  })

  test(`a fail-over that loses the tail, with one node cut off before it, acknowledged by the ${acks}`, async t => {
    const pair = await startWithReplica(t)
    const report = await rehearse(t, {
      url: pair.url,
      messages,
      environment,
      renumbers,
      async happens({ more }) {
        pair.relays[1]?.cut()
        // What the other node still publishes and this one never hears of is on the replica, too.
        await more(100)
        await losesTail(pair)
        await failsOver(pair)
      },
    })
    ok(
      report.gaps.every(count => count <= 1),
      String(report.gaps),
    )
    if (acks === 'master')
      ok(
        report.gaps.every(count => count === 1),
        String(report.gaps),
      )
  })
}
