// Why what was held came to its end, as /metrics tells it of all workers, by kind and reason; and the ends that an operator makes, of a
// connection that may be any worker's.
import { deepEqual, equal, match } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { closeEvent, events, nothing, openingGrip, subscribe } from '../../conformance/grip/socket-words.ts'
import { AdminClient } from '../../helpers/admin-client.ts'
import { type GripNode, startGripNode, untilHeld } from '../../helpers/grip/node.ts'
import { SocketClient } from '../../helpers/grip/socket-client.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { RawOrigin } from '../../helpers/raw-origin.ts'
import { until } from '../../helpers/until.ts'

let origin: RawOrigin
let node: GripNode
let admin: AdminClient

before(async () => {
  origin = await RawOrigin.open()
  node = await startGripNode(`* test\n*,path_beg=/over/ ${origin.address},over_http\n`, { workers: 3 })
  admin = new AdminClient(node.daemon.address('admin'))
})
after(async () => {
  await node.stop()
  await origin.close()
})

/** Of all workers, since the node began. */
async function ends(kind: string, reason: string): Promise<number> {
  const { text } = await admin.ask('/metrics')
  const samples = text.matchAll(
    new RegExp(`^ringcast_${kind}_ends_total\\{.*reason="${reason}".*\\} (\\d+)$`, 'gm'),
  )
  return [...samples].reduce((sum, [, count]) => sum + Number(count), 0)
}

const counts = (kind: string, reason: string, count = 1) =>
  until(`${count} of ${kind}, ${reason}`, async () => (await ends(kind, reason)) === count)

async function hold(kind: 'stream' | 'response', channel: string): Promise<RawClient> {
  const client = new RawClient(node.client).send(
    `GET /${kind}?channel=${channel} HTTP/1.1\r\nHost: t\r\n\r\n`,
  )
  await untilHeld(node, channel)
  return client
}

describe('metrics', () => {
  test('tell that clients left', async t => {
    const [stream, poll] = [await hold('stream', 'l1'), await hold('response', 'l2')]
    const socket = await SocketClient.open(t, node.client, '/ws?channel=l3')
    stream.leave()
    poll.leave()
    socket.socket.close()
    for (const kind of ['stream', 'poll', 'socket']) await counts(kind, 'client-left')
  })

  test('tell that something was published', async t => {
    const [stream, poll] = [await hold('stream', 'p1'), await hold('response', 'p2')]
    const socket = await SocketClient.open(t, node.client, '/ws?channel=p3')
    await node.publish('p1', { 'http-stream': { action: 'close' } })
    await node.publish('p2', { 'http-response': { body: 'x' } })
    await node.publish('p3', { 'ws-message': { action: 'close', code: 4000 } })
    await stream.head()
    while ((await stream.chunk()) !== undefined);
    equal(String((await poll.answer()).body), 'x')
    await socket.gets('close 4000')
    for (const kind of ['stream', 'poll', 'socket']) await counts(kind, 'published')
  })

  test('tell that the origin of a WebSocket closed it, or was lost', async t => {
    origin.script({ path: '/over/closes', answers: [openingGrip(), events(closeEvent(1000))] })
    origin.script({ path: '/over/fails', answers: [openingGrip(), { pieces: [], ends: 'reset' }] })
    const closed = await SocketClient.open(t, node.client, '/over/closes')
    closed.say('x')
    await closed.gets('close 1000')
    await counts('socket', 'origin')
    const socket = await SocketClient.open(t, node.client, '/over/fails')
    socket.say('x')
    await socket.gets('close 1011')
    await counts('socket', 'origin-failed')
  })
})

describe('an operator', () => {
  const idOf = async (channel: string): Promise<string> => {
    const { connections } = (await admin.ask(`/v1/grip/connections?channel=${channel}`)).json()
    return String(connections[0]?.id)
  }
  const close = async (id: string) => {
    const answer = await admin.ask(`/v1/grip/connections/${id}`, { method: 'DELETE' })
    return [answer.status, answer.json()] as const
  }

  /** Of so many channels some are not the worker's that is asked. */
  const channels = ['a', 'b', 'c', 'd', 'e', 'f']

  for (const channel of channels) {
    test(`ends a WebSocket with 1000, whose id is its Connection-Id, and a stream: ${channel}`, async t => {
      const path = `/over/${channel}`
      origin.script({ path, answers: [openingGrip(subscribe(`ws-${channel}`)), nothing] })
      const socket = await SocketClient.open(t, node.client, path)
      const id = await idOf(`ws-${channel}`)
      equal(origin.received(path)[0]?.headers.find(([name]) => name === 'Connection-Id')?.[1], id)
      deepEqual(await close(id), [200, { id, closed: true }])
      await socket.gets('close 1000')
      await until('its origin to hear it', () => origin.received(path).length === 2)
      match(String(origin.received(path)[1]?.body), /^CLOSE/)
      const stream = await hold('stream', `stream-${channel}`)
      equal((await close(await idOf(`stream-${channel}`)))[0], 200)
      await stream.ended()
    })
  }

  test('is counted', async () => {
    await counts('socket', 'closed', channels.length)
    await counts('stream', 'closed', channels.length)
  })
})
