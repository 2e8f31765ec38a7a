// Messages so large that no socket takes one at once, nor the bound of a subscriber allows one: whoever reads gets
// them all the same, one after the other.
import { deepEqual, equal } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as registry from '../../src/frontends/registry.ts'
import { AdminClient, adminSecret } from '../helpers/admin-client.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { readChunked } from '../helpers/raw-http.ts'
import { handshake, RawWebSocket } from '../helpers/raw-websocket.ts'
import { until } from '../helpers/until.ts'

/** More than the kernel holds for a loopback connection, and many times the default of the bound. */
const messageBytes = 8_000_000
const texts = ['a', 'b', 'c', 'd', 'e', 'f'].map(letter => letter.repeat(messageBytes))

let daemon: Daemon
before(async () => {
  daemon = await startDaemon({
    workers: 1,
    environment: { RINGCAST_ADMIN_SECRET: adminSecret, RINGCAST_ADMIN_BODY_BYTES_MAX: '16777216' },
  })
})
after(() => daemon.stop())

function clientOf(protocol: string): RawClient {
  return new RawClient(daemon.address(protocol))
}

/** Two at once: one is under way, the other waits. The next two come when those are read. */
async function play(channel: string, client: RawClient): Promise<void> {
  const admin = new AdminClient(daemon.address('admin'))
  const { size } = client
  for (const [index, text] of texts.entries()) {
    equal((await admin.publish({ channel, text })).status, 200)
    if (index % 2 === 0) continue
    await until('what was published', () => client.size - size >= messageBytes * (index + 1))
  }
}

describe('a client that reads', () => {
  if (Object.hasOwn(registry, 'pinghub')) {
    test('gets messages of any size by WebSocket', async () => {
      const client = clientOf('pinghub')
      const socket = await new RawWebSocket(client).open(handshake('/large'))
      await play('large', client)
      await socket.frame(texts.length - 1)
      deepEqual(
        socket.frames.map(({ payload }) => payload.toString()),
        texts,
      )
      client.leave()
    })
  }

  test('gets messages of any size by stream', async () => {
    const client = clientOf('admin')
    const head = `host: localhost\r\nauthorization: Bearer ${adminSecret}\r\n\r\n`
    client.send(`GET /v1/channels/large/stream HTTP/1.1\r\n${head}`)
    await client.received('event: open')
    await play('large', client)
    const got = () => [
      ...readChunked(client.bytes)
        .body.toString()
        .matchAll(/^data: \{"text":"(.*)"\}$/gm),
    ]
    await until('the last event', () => got().length === texts.length)
    deepEqual(
      got().map(([, text]) => text),
      texts,
    )
    client.leave()
  })
})
