// A connection of pushwire on a node whose Redis goes away: it stays, and is told for each frame to try again.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { isAway, startNodes } from '../../helpers/cluster/nodes.ts'
import { startStandalone } from '../../helpers/cluster/standalone.ts'
import { Tracker, WireClient } from '../../helpers/pushwire/wire-client.ts'
import { until } from '../../helpers/until.ts'

test('a frame that comes while Redis is away is answered by "try again", and the connection goes on', async t => {
  const { relays, url } = await startStandalone(t, 1)
  const [node] = await startNodes(t, { count: 1, url, environment: { RINGCAST_DRAIN_SPREAD_MS: '0' } })
  ok(node)
  const tracker = new Tracker()
  const address = node.daemon.address('pushwire')
  const client = new WireClient(address, 'socket', { clientId: randomUUID(), channels: ['c'], tracker })
  t.after(() => client.leave())
  await until('the client to be live', () => client.isLive)
  relays[0]?.cut()
  await until('the node to notice', () => isAway(node))
  client.send({ channel: 'c', payload: { n: 1 } })
  const error = await until('an error', () => client.said.find(({ op }) => op === 'error'))
  equal(error.code, 'try_again')
  relays[0]?.mend()
  await until('the node to be back', () => !isAway(node))
  client.send({ channel: 'c', payload: { n: 2 } })
  await until('the frame', () => tracker.got.length > 0)
  deepEqual([tracker.got.map(({ payload }) => payload), tracker.gaps, tracker.faults], [[{ n: 2 }], 0, []])
  equal(client.isClosed, false)
})
