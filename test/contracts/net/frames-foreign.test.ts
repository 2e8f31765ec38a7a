// WebSockets of ours against those of others, on either side and over real sockets: Autobahn for Python, whose suite the rows of
// frames are from, and the ws package.
import { deepEqual, equal } from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { describe, type TestContext, test } from 'node:test'
import type { BareConnection } from '../../../src/net/bare-connection.ts'
import { createFrameCounters } from '../../../src/net/gate/counters.ts'
import { FrameSocket } from '../../../src/net/gate/frame-socket.ts'
import { gateDefaults } from '../../../src/net/gate/limits.ts'
import { Dialler } from '../../../src/net/outgoing/dialler.ts'
import { systemClock } from '../../../src/std/clock.ts'
import { systemRandom } from '../../../src/std/random.ts'
import { Dialled } from '../../helpers/dialled.ts'
import { EchoFrames } from '../../helpers/frames/echo-frames.ts'
import { HeardFrames, words } from '../../helpers/frames/heard-frames.ts'
import { serveGate } from '../../helpers/gate.ts'
import { isPackageMissing, Lines, python } from '../../helpers/lines.ts'
import { until } from '../../helpers/until.ts'

/** The parts of the ws package that are used here; it comes without types. */
interface WsSocket extends NodeJS.EventEmitter {
  send(data: Uint8Array, options: { readonly binary: boolean; readonly fin: boolean }): void
  ping(data: Uint8Array): void
  close(code: number, reason: string): void
}
interface WsServer extends NodeJS.EventEmitter {
  address(): { readonly port: number }
  close(): void
}
const ws = createRequire(import.meta.url)('ws') as {
  WebSocket: new (url: string, options: object) => WsSocket
  WebSocketServer: new (options: object) => WsServer
} // see above

const sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 300_000, 5_000_000]
const fixture = (name: string) => new URL(`fixtures/${name}`, import.meta.url).pathname

const shared = {
  clock: systemClock,
  random: systemRandom,
  limits: gateDefaults,
  counters: createFrameCounters(),
}

/** The port of an echo of ours. */
async function serveEcho(t: TestContext): Promise<number> {
  const { address } = await serveGate(t, {
    handle(exchange) {
      const key = exchange.header('sec-websocket-key')
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      const headers = ['Upgrade', 'websocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Accept', accept]
      const connection = exchange.takeSocket('Switching Protocols', headers)
      if (connection !== undefined) new EchoFrames(connection, { ...shared, role: 'server' })
    },
  })
  return address.port ?? 0
}

/** A WebSocket of ours to an echo of others. */
async function dialEcho(t: TestContext, port: number) {
  const dialler = new Dialler({ clock: systemClock, connectionsMax: 1 })
  t.after(() => dialler.close())
  const target = { host: '127.0.0.1', port }
  const connection: BareConnection = await new Dialled(dialler, {
    target,
    path: '/',
    rawHeaders: ['Host', `127.0.0.1:${port}`],
  }).connection()
  t.after(() => connection.socket.destroy())
  const heard = new HeardFrames()
  return { heard, peer: new FrameSocket(connection, { ...shared, role: 'client' }, heard) }
}

/** Sends all that an echo can give back, and a close. */
async function talk({ heard, peer }: Awaited<ReturnType<typeof dialEcho>>): Promise<void> {
  const expected: string[] = []
  for (const size of sizes)
    for (const kind of ['text', 'binary'] as const) {
      const payload = kind === 'text' ? Buffer.alloc(size, '*') : randomBytes(size)
      peer.message(kind, payload)
      peer.message(kind, payload.subarray(0, size >> 1), true, false)
      peer.message(kind, payload.subarray(size >> 1), false, true)
      const echo = words.message(kind, payload)
      expected.push(echo, echo)
      await until(echo, () => heard.events.length >= expected.length && heard.events.at(-1) === echo)
    }
  for (const size of [0, 1, 125]) {
    const payload = randomBytes(size)
    peer.ping(payload)
    expected.push(words.pong(payload))
    await until('a pong', () => heard.events.length === expected.length)
  }
  peer.close(3000, 'bye')
  await until('the end', () => heard.isGone)
  deepEqual(heard.events, [...expected, 'closing 3000 bye', 'gone '])
}

describe('Autobahn for Python', { skip: isPackageMissing('autobahn') }, () => {
  test('has back all that it sent, as a client', async t => {
    const client = new Lines(python, [fixture('autobahn_client.py'), String(await serveEcho(t))])
    t.after(() => client.stop())
    deepEqual(JSON.parse(await client.next()), { echoes: 77, clean: true, code: 3000, reason: 'bye' })
    equal(await client.ended, 0)
  })

  test('gives back all that it was sent, as a server', async t => {
    const server = new Lines(python, [fixture('autobahn_server.py')])
    t.after(() => server.stop())
    await talk(await dialEcho(t, Number(await server.next())))
    deepEqual(JSON.parse(await server.next()), { clean: true, code: 3000, reason: 'bye' })
  })
})

describe('the ws package', () => {
  test('has back all that it sent, as a client', async t => {
    const socket = new ws.WebSocket(`ws://127.0.0.1:${await serveEcho(t)}/`, { perMessageDeflate: false })
    await once(socket, 'open')
    for (const size of sizes)
      for (const binary of [false, true]) {
        const payload = binary ? randomBytes(size) : Buffer.alloc(size, '*')
        const echo = once(socket, 'message')
        socket.send(payload.subarray(0, size >> 1), { binary, fin: false })
        socket.send(payload.subarray(size >> 1), { binary, fin: true })
        const [data, isBinary]: unknown[] = await echo
        equal(isBinary, binary)
        deepEqual(data, payload)
      }
    const pong = once(socket, 'pong')
    socket.ping(Buffer.from('p'))
    deepEqual(await pong, [Buffer.from('p')])
    const closed = once(socket, 'close')
    socket.close(3000, 'bye')
    deepEqual(await closed, [3000, Buffer.from('bye')])
  })

  test('gives back all that it was sent, as a server', async t => {
    const server = new ws.WebSocketServer({ port: 0, host: '127.0.0.1' })
    t.after(() => server.close())
    await once(server, 'listening')
    server.on('connection', (socket: WsSocket) =>
      socket.on('message', (data: Buffer, binary: boolean) => socket.send(data, { binary, fin: true })),
    )
    await talk(await dialEcho(t, server.address().port))
  })
})
