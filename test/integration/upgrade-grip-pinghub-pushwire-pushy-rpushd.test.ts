// A new process takes the place of the one that runs, under load in every protocol: no connect and no publish is refused, whoever
// says where it was has everything once, and whoever does not has everything up to its close.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Prober, probe } from '../helpers/prober.ts'
import { freePorts, isMissing } from '../helpers/proxies.ts'
import { variableOf } from '../helpers/rolling/nodes.ts'
import { fronts, rehearseAll } from '../helpers/rolling/rehearse-all-grip-pinghub-pushwire-pushy-rpushd.ts'
import { startUpgradedNode, type UpgradedNode } from '../helpers/rolling/upgraded-node.ts'

/** Of each protocol. */
const clients = 8

describe('a new process', { skip: isMissing('nginx') }, () => {
  test('takes the place of the one that runs, twice, and nobody notices', async t => {
    const nodes: UpgradedNode[] = []
    const probers: Prober[] = []
    t.after(() => Promise.all(probers.map(prober => prober.stop())))
    const report = await rehearseAll(t, {
      behind: fronts.nginx,
      clients,
      channels: 2,
      messagesPerSecond: 300,
      returnsPerSecond: 20,
      times: 2,
      async startNodes(_, listeners, environment) {
        const ports = await freePorts(listeners.length)
        const own = new Map(listeners.map((listener, at) => [variableOf(listener), `127.0.0.1:${ports[at]}`]))
        const node = await startUpgradedNode(t, 'node', {
          workers: 2,
          address: listener => own.get(variableOf(listener)) ?? '',
          environment: { ...environment, ...Object.fromEntries(own) },
        })
        nodes.push(node)
        for (const address of own.values()) probers.push(probe(address, '/', 25))
        return nodes
      },
    })
    const [node] = nodes
    ok(node)
    equal(node.printed.length, 2)
    for (const text of node.printed)
      match(text, /^process \d+ serves; clients of process \d+ are sent there in turn$/m)
    deepEqual(report.refusals, {}, 'no publish is refused')
    for (const { answered, failed } of probers) {
      ok(answered > 0)
      deepEqual(failed, [], 'no connect is refused')
    }
    t.diagnostic(node.printed.join(''))
  })
})
