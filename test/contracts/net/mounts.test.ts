// Handlers of their own for parts of the path space: who gets which request, with which path, sockets included.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { Exchange } from '../../../src/net/exchange.ts'
import type { Mount } from '../../../src/net/server.ts'
import type { SocketSettings } from '../../../src/net/socket.ts'
import { handshake, RawWebSocket } from '../../helpers/raw-websocket.ts'
import { type Served, serve } from '../../helpers/serve.ts'
import { Ear, echo } from './sockets.ts'

const sockets: SocketSettings = { messageBytesMax: 1_000, pingMs: 60_000, behindBytesMax: 10_000 }

/** Answers with its name and the path that it sees; sockets are accepted and send every message back, after it. */
function room(name: string): (exchange: Exchange) => void {
  return exchange => {
    const said = `<${name} ${exchange.method} ${exchange.path}${exchange.query ?? ''}>`
    if (!exchange.wantsSocket) return exchange.reply({ status: 200, body: said })
    const ear = new Ear(exchange.path, echo)
    ear.socket = exchange.upgrade(ear)
    ear.socket?.send(said, 'text')
  }
}

const mounts: readonly Mount[] = [
  { prefix: '/a', handle: room('a') },
  { prefix: '/a/one', sockets, handle: room('one') },
  { prefix: '/a/two', handle: room('two') },
]

async function ask(served: Served, line: string): Promise<string> {
  const client = served.connect().send(`${line} HTTP/1.1\r\nhost: t\r\ncontent-length: 0\r\n\r\n`)
  await client.received('>')
  client.leave()
  return /<.*>/.exec(client.text)?.[0] ?? ''
}

async function firstMessage(served: Served, path: string): Promise<string> {
  const socket = await new RawWebSocket(served.connect()).open(handshake(path))
  return (await socket.frame(0)).payload.toString()
}

describe('a mount', () => {
  const open = (t: TestContext, own?: SocketSettings) => serve(t, room('-'), own, mounts)

  test('takes what lies at its prefix and behind, and sees the path behind it', async t => {
    const served = await open(t)
    const rows = [
      ['GET /', '<- GET />'],
      ['GET /ab', '<- GET /ab>'],
      ['POST /A/one', '<- POST /A/one>'],
      ['GET /a', '<a GET />'],
      ['POST /a/', '<a POST />'],
      ['GET /a/on?e', '<a GET /one>'],
      ['GET /a/one', '<one GET />'],
      ['GET /a/one/', '<one GET />'],
      ['DELETE /a/one/b%2Fc//d?e=f', '<one DELETE /b%2Fc//de=f>'],
      ['GET /a/two/a/one', '<two GET /a/one>'],
      ['GET /a%2Fone', '<- GET /a%2Fone>'],
    ] as const
    for (const [line, answer] of rows) equal(await ask(served, line), answer, line)
  })

  test('serves WebSockets where it has settings for them, whatever the others do', async t => {
    const served = await open(t)
    equal(await firstMessage(served, '/a/one/b?c'), '<one GET /bc>')
    deepEqual([served.server.counters.socketsOpened, served.server.connections()], [1, 1])
    // Elsewhere the header means nothing.
    const client = served.connect().send(handshake('/a/two/b'))
    await client.received('<two GET /b>')
    const both = await open(t, sockets)
    equal(await firstMessage(both, '/b'), '<- GET /b>')
    equal(await firstMessage(both, '/a/one'), '<one GET />')
    const other = both.connect().send(handshake('/a/two/b'))
    await other.received('<two GET /b>')
    equal(both.server.counters.socketsOpened, 2)
  })

  test('has its own limits, and faulty handshakes are refused there, too', async t => {
    const served = await open(t, { ...sockets, messageBytesMax: 100_000 })
    const faulty = served.connect().send(handshake('/a/one/b', { 'sec-websocket-version': '12' }))
    await faulty.received('HTTP/1.1 426')
    equal(served.server.counters.handshakesRefused, 1)
  })

  test('closes with its server', async t => {
    const served = await open(t)
    const socket = await new RawWebSocket(served.connect()).open(handshake('/a/one/b'))
    served.server.close()
    await socket.client.ended()
    equal(served.server.connections(), 0)
  })
})
