// Outages of a Redis that two nodes share, with 1,000 numbered publications each: nothing is lost untold, nothing comes twice,
// nothing out of order, and all subscribers of both nodes agree. The judge says so; what stands here is what else is seen.
import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { losesTailWith } from '../../helpers/cluster/lost-tail.ts'
import { type OutageReport, rehearse } from '../../helpers/cluster/outage.ts'
import { startStandalone } from '../../helpers/cluster/standalone.ts'

const messages = 1_000

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

/** Of two ways to lose the tail and two to acknowledge; the soak has the other two. */
losesTailWith({ acks: 'master', isCutOff: false, messages })
losesTailWith({ acks: 'replica', isCutOff: true, messages })
