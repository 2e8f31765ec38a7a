// The same as the test beside it with 500 clients of each protocol and 1,000 messages a second.
import { ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isMissing } from '../../helpers/proxies.ts'
import { fronts, rehearseAll } from '../../helpers/rolling/rehearse-all-grip-pinghub-pushwire-pushy-rpushd.ts'

for (const kind of ['nginx', 'haproxy'] as const) {
  describe(`behind ${kind}`, { skip: isMissing(kind) }, () => {
    test('three nodes with 2,500 clients are restarted in turn, and nobody loses anything', async t => {
      const report = await rehearseAll(t, {
        behind: fronts[kind],
        clients: 500,
        // One for each client of a protocol: with ten to a channel the test's own process reads ten times as much.
        channels: 500,
        messagesPerSecond: 1_000,
        // Some 830 clients of a node are back within four seconds.
        returnsPerSecond: 200,
        deadlineMs: 180_000,
      })
      ok(report.reconnects > 0)
    })
  })
}
