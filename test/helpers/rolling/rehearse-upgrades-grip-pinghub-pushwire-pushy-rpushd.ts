// One node whose process is replaced under load in every protocol, as the test and the soak play it.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type Prober, probe } from '../prober.ts'
import { freePorts } from '../proxies.ts'
import { variableOf } from './nodes.ts'
import type { RollingOptions } from './rehearsal.ts'
import { fronts, rehearseAll } from './rehearse-all-grip-pinghub-pushwire-pushy-rpushd.ts'
import { startUpgradedNode, type UpgradedNode } from './upgraded-node.ts'

type Options = Pick<RollingOptions, 'clients' | 'channels' | 'messagesPerSecond' | 'returnsPerSecond'> & {
  readonly times: number
}

/** Between two connects to each door. */
const connectMs = 25

export async function rehearseUpgrades(t: TestContext, options: Options): Promise<void> {
  const nodes: UpgradedNode[] = []
  const probers: Prober[] = []
  t.after(() => Promise.all(probers.map(prober => prober.stop())))
  const report = await rehearseAll(t, {
    ...options,
    behind: fronts.nginx,
    async startNodes(_, listeners, environment) {
      const ports = await freePorts(listeners.length)
      const own = new Map(listeners.map((listener, at) => [variableOf(listener), `127.0.0.1:${ports[at]}`]))
      const node = await startUpgradedNode(t, 'node', {
        workers: 2,
        address: listener => own.get(variableOf(listener)) ?? '',
        environment: { ...environment, ...Object.fromEntries(own) },
      })
      nodes.push(node)
      for (const address of own.values()) probers.push(probe(address, '/', connectMs))
      return nodes
    },
  })
  const [node] = nodes
  ok(node)
  equal(node.printed.length, options.times)
  for (const text of node.printed)
    match(text, /^process \d+ serves; clients of process \d+ are sent there in turn$/m)
  deepEqual(report.refusals, {}, 'no publish is refused')
  for (const { answered, failed } of probers) {
    ok(answered > 0)
    deepEqual(failed, [], 'no connect is refused')
  }
  t.diagnostic(node.printed.join(''))
}
