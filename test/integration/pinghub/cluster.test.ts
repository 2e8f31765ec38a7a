// WebSockets of Pinghub on a node whose Redis goes away: who says something is told to come again, and who cannot be told that
// something is missing is closed, so that it knows.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { readSocket } from '../../conformance/pinghub/protocol.ts'
import { type ClusterNode, isAway, type NodesOptions, startNodes } from '../../helpers/cluster/nodes.ts'
import { startStandalone } from '../../helpers/cluster/standalone.ts'
import type { Answer } from '../../helpers/protocols/protocol.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { handshake, RawWebSocket } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'

const again = 1013

async function startNode(t: TestContext, url: NodesOptions['url']): Promise<ClusterNode> {
  const [node] = await startNodes(t, { count: 1, url, environment: { RINGCAST_DRAIN_SPREAD_MS: '0' } })
  ok(node)
  return node
}

function opened<Socket extends object>(socket: Socket | Answer): Socket {
  if ('status' in socket) throw new Error(`refused with ${socket.status}`)
  return socket
}

/** One that does not ask for positions, as clients of the original. */
async function openPlain(address: string, channel: string): Promise<RawWebSocket> {
  const raw = new RawClient(address)
  raw.send(handshake(`/${channel}`))
  const { body: _, ...head } = await raw.answer()
  equal(head.status, 101)
  return new RawWebSocket(raw, head)
}

test('whoever says something while Redis is away is closed with the code for "later"', async t => {
  const { relays, url } = await startStandalone(t, 1)
  const node = await startNode(t, url)
  const address = node.daemon.address('pinghub')
  const [says, hears] = [opened(await readSocket(address, 'c')), opened(await readSocket(address, 'c'))]
  relays[0]?.cut()
  await until('the node to notice', () => isAway(node))
  says.say('{"n":1}')
  equal(await says.closeCode(), again)
  relays[0]?.mend()
  await until('the node to be back', () => !isAway(node))
  equal((await node.admin.publish({ channel: 'c', data: { n: 2 } })).status, 200)
  deepEqual(await hears.next(1), ['{"n":2}'])
  hears.leave()
})

test('where Redis came back empty, a client without positions is closed, and one with them is told the gap', async t => {
  const { redis, url } = await startStandalone(t, 1)
  const node = await startNode(t, url)
  const address = node.daemon.address('pinghub')
  const counting = opened(await readSocket(address, 'c'))
  const plain = await openPlain(address, 'c')
  await redis.kill()
  await redis.restartEmpty()
  deepEqual((await plain.closed())?.[0], again)
  const published = async () => (await node.admin.publish({ channel: 'c', data: { n: 1 } })).status === 200
  await until('a publish to be taken', published)
  deepEqual([await counting.next(1), counting.gap], [['{"n":1}'], true])
  counting.leave()
})
