// Three nodes over one Redis behind a proxy, restarted one after the other under load: clients of every protocol come back by
// themselves, each in its own time, and whoever says where it was has everything once. The soak does so behind HAProxy, too.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isMissing } from '../../helpers/proxies.ts'
import { fronts, rehearseAll } from '../../helpers/rolling/rehearse-all-grip-pinghub-pushwire-pushy-rpushd.ts'

/** Of each protocol. */
const clients = 12
/** At each restart about a third of all leave, long polls aside: they may be answered and ask again. */
const reconnectsMin = 2 * clients

describe('behind nginx', { skip: isMissing('nginx') }, () => {
  test('three nodes are restarted in turn, and nobody loses anything', async t => {
    const report = await rehearseAll(t, {
      behind: fronts.nginx,
      clients,
      channels: 3,
      messagesPerSecond: 300,
      returnsPerSecond: 20,
    })
    equal(report.clients, 5 * clients)
    ok(report.reconnects >= reconnectsMin, `${report.reconnects} came back`)
    // What closes of WebSockets said; answers in place of a subscription are refusals for now, each with a time.
    const words = Object.keys(report.words).filter(word => !/^50[234]\b/.test(word))
    deepEqual(words, ['1001 retry=MS'])
  })
})
