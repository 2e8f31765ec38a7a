// Redis is away: publishes are refused by each protocol's own words for "later", subscribers stay and go on, and operators are told.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import type { AdminClient } from '../../helpers/admin-client.ts'
import { startNodes } from '../../helpers/cluster/nodes.ts'
import type { Relay } from '../../helpers/cluster/relay.ts'
import { startStandalone } from '../../helpers/cluster/standalone.ts'
import { readExposition } from '../../helpers/exposition.ts'
import { protocols } from '../../helpers/protocols/ground.ts'
import { isReader, opened } from '../../helpers/protocols/protocol.ts'
import { until } from '../../helpers/until.ts'

const channel = 'away'

test('without Redis each protocol says "later", clients stay, and readiness says why', async t => {
  const { relays, url } = await startStandalone(t, 1)
  const [relay] = relays
  ok(relay)
  const [node] = await startNodes(t, {
    count: 1,
    url,
    environment: { RINGCAST_CLUSTER_UNREADY_AFTER_MS: '500', RINGCAST_DRAIN_SPREAD_MS: '0' },
  })
  ok(node)
  const { admin, daemon } = node
  const opening = protocols.map(({ name, read }) => opened(read(daemon.address(name), channel)))
  const readers = await Promise.all(opening)
  t.after(() => readers.forEach(reader => void reader.leave()))
  const ready = async () => (await admin.ask('/readyz')).json()
  const up = () => brokerUp(admin)
  deepEqual([await ready(), await up()], [{ status: 'ready', reasons: [] }, 1])

  relay.cut()
  await until('the node to notice', () =>
    daemon.log.some(line => line['code'] === 'broker-away' && line['reason'] !== 'it was not reached yet'),
  )
  await waitsBetweenTries(relay)
  for (const { name, publishesAt, publish } of protocols) {
    const { status } = await publish(daemon.address(name, publishesAt), channel, '{"n":0}')
    equal(status, 503, name)
  }
  const refused = await admin.publish({ channel, data: 0 })
  deepEqual([refused.status, refused.json().code, refused.headers['retry-after']], [503, 'broker-away', '1'])
  const reasons = await until('the node not to be ready', async () => {
    const { status, reasons } = await ready()
    return status === 'not-ready' && reasons
  })
  deepEqual(
    reasons.map(({ code }: { code: string }) => code),
    ['broker-away'],
  )
  match(reasons[0].text, /broker/)
  deepEqual([(await admin.ask('/livez')).status, await up()], [200, 0])

  // Whoever subscribes to what is followed already needs no Redis, unless its protocol gives it a channel of its own.
  for (const { name, read, leavesOwnChannel } of protocols) {
    const late = await read(daemon.address(name), channel)
    equal(isReader(late), leavesOwnChannel !== true, name)
    if (isReader(late)) readers.push(late)
    else equal(late.status, 503, name)
  }
  relay.mend()
  await until('the node to be ready', async () => (await ready()).status === 'ready')
  equal((await admin.publish({ channel, data: { n: 1 } })).status, 200)
  for (const reader of readers) {
    deepEqual(
      (await reader.next(1)).map(text => JSON.parse(text).n),
      [1],
    )
    equal(reader.gap, false)
  }
})

async function brokerUp(admin: AdminClient): Promise<number | undefined> {
  const { text } = await admin.ask('/metrics')
  return readExposition(text).get('ringcast_broker_up')?.samples.get('')
}

/** Of two workers: the waits of each grow to a second, half of which is left to chance. */
async function waitsBetweenTries(relay: Relay): Promise<void> {
  const [from, { asked }] = [performance.now(), relay]
  await until('20 tries', () => relay.asked >= asked + 20)
  ok(performance.now() - from > 2_000, 'Redis is asked for connections all the time')
}
