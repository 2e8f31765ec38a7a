// The rehearsal of outages on a node that stands alone, where the only thing that happens is that clients lose their connections:
// what it records is what was sent, so that the judge has nothing to say.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { rehearse } from '../../helpers/cluster/outage.ts'

test('clients that lose their connections and resume have everything, in one order', async t => {
  const report = await rehearse(t, {
    count: 1,
    url: '',
    environment: { RINGCAST_CLUSTER_MODE: undefined, RINGCAST_CLUSTER_URL: undefined },
    messages: 200,
    everyMs: 2,
    async happens({ subscribers, more }) {
      for (const subscriber of subscribers) {
        subscriber.drop()
        await more(5)
      }
    },
  })
  deepEqual(report.refusals, {})
  ok(
    report.delivered.every(count => count === 100),
    String(report.delivered),
  )
  ok(report.gaps.every(count => count === 0))
  equal(report.reconnects, report.delivered.length)
})
