// A WebSocket whose client reads slowly or not at all: every byte in order, or an end; never a growing heap of bytes.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { Socket } from '../../../src/net/socket.ts'
import { frame, opcode, type RawWebSocket } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'
import { type Ear, type ServedSockets, type SocketsOptions, serveSockets } from './sockets.ts'

/** The engine's discipline in small: stop at the first false, go on when drained. */
class Pump {
  readonly #socket: Socket
  readonly #messages: Iterator<readonly Buffer[]>
  sent = 0
  sentBytes = 0
  refused = 0
  done = false

  constructor(ear: Ear, messages: Iterable<readonly Buffer[]>) {
    ok(ear.socket)
    this.#socket = ear.socket
    this.#messages = messages[Symbol.iterator]()
    ear.drained = () => {
      ear.drains++
      this.send()
    }
    this.send()
  }

  send(): void {
    for (;;) {
      const { value, done } = this.#messages.next()
      this.done = done === true
      if (done) return
      this.sent += value.length
      for (const { length } of value) this.sentBytes += length
      const [first] = value
      const taken =
        value.length === 1 && first
          ? this.#socket.send(first, 'binary')
          : this.#socket.sendAll(value, 'binary')
      if (!taken) return void this.refused++
    }
  }
}

/** `count` flushes of `each` messages; every message begins with its number. */
function* numbered(count: number, each: number, bytes: (index: number) => number): Generator<Buffer[]> {
  let index = 0
  for (let flush = 0; flush < count; flush++) {
    yield Array.from({ length: each }, () => {
      const message = Buffer.alloc(bytes(index), index & 0xff)
      message.writeUInt32BE(index++)
      return message
    })
  }
}

async function stalled(served: ServedSockets): Promise<readonly [RawWebSocket, Ear]> {
  const joined = await served.join()
  joined[0].client.pause()
  return joined
}

/** Sends until the client is behind. */
function fill({ socket }: Ear): void {
  while (socket?.send(Buffer.alloc(16_000), 'binary')) {}
}

describe('a reader that stalls', () => {
  for (const [name, count, each, bytes] of [
    ['small messages', 14_000, 1, (i: number) => 400 + (i % 7) * 200],
    ['flushes of ten', 1_400, 10, (i: number) => 400 + (i % 7) * 200],
    ['flushes over the size of the cork buffer', 300, 5, (i: number) => 10_000 + (i % 5) * 1_000],
    ['flushes of small and large', 300, 6, (i: number) => (i % 3 === 0 ? 30_000 : 200)],
    ['messages of 64 KB', 220, 1, () => 65_536],
    ['one message of 16 MB', 1, 1, () => 16_000_000],
  ] as const) {
    test(`and resumes gets every message in order: ${name}`, async t => {
      const served = await serveSockets(t)
      const [socket, ear] = await stalled(served)
      const pump = new Pump(ear, numbered(count, each, bytes))
      ok(pump.refused > 0)
      for (let pause = 0; pause < 3; pause++) {
        socket.client.resume()
        const target = socket.client.size + 1_000_000
        await until('a megabyte or all', () => socket.client.size > target || pump.done)
        socket.client.pause()
        await served.roundTrip()
      }
      socket.client.resume()
      await until('all messages to be sent', () => pump.done)
      equal(pump.sent, count * each)
      await until('all bytes', () => socket.client.size > pump.sentBytes)
      await socket.frame(pump.sent - 1)
      for (const [index, { payload }] of socket.frames.entries()) {
        if (payload.readUInt32BE() !== index || payload.length !== bytes(index))
          throw new Error(`message ${index}`)
      }
      deepEqual([ear.closes, ear.drains >= pump.refused - 1], [[], true])
    })
  }

  test('gets the last messages although nothing is sent after them', async t => {
    const served = await serveSockets(t)
    const [, learner] = await stalled(served)
    const { sent } = new Pump(
      learner,
      numbered(10_000, 1, () => 4_000),
    )
    // At one of these counts the last send was taken, and only the flush behind it, or none, was refused.
    for (let count = sent - 6; count < sent + 2; count++) {
      const [socket, ear] = await stalled(served)
      const pump = new Pump(
        ear,
        numbered(count, 1, () => 4_000),
      )
      socket.client.resume()
      await socket.frame(count - 1)
      equal(pump.done || pump.refused === 1, true)
      socket.client.leave()
    }
  })

  test('is told of drained once for each false, when all has left', async t => {
    const served = await serveSockets(t)
    const [socket, ear] = await stalled(served)
    fill(ear)
    await served.roundTrip()
    equal(ear.drains, 0)
    socket.client.resume()
    await until('drained', () => ear.drains === 1)
    equal(ear.socket?.send('more', 'text'), true)
    await served.roundTrip()
    equal(ear.drains, 1)
  })

  test('is heard to progress while a large message leaves', async t => {
    const served = await serveSockets(t)
    const [socket, ear] = await stalled(served)
    equal(ear.socket?.send(Buffer.alloc(20_000_000), 'binary'), false)
    await served.roundTrip()
    equal(ear.progress, 0)
    socket.client.resume()
    await until('drained', () => ear.drains === 1)
    ok(ear.progress > 0)
  })

  test('gets what was sent before a close, then the close frame', async t => {
    const served = await serveSockets(t)
    const [socket, ear] = await stalled(served)
    fill(ear)
    ear.socket?.close(1012, 'restart')
    equal(ear.socket?.open, false)
    deepEqual(ear.closes, [])
    equal(ear.socket?.send('late', 'text'), true)
    socket.client.resume()
    deepEqual(await socket.closed(), [1012, 'restart'])
    deepEqual([ear.closes, ear.drains], [[[1012, 'restart']], 0])
    ok(!socket.frames.some(({ code }) => code === opcode.text))
  })

  test('is cut where it does not take what waits within the time that its close was given', async t => {
    const served = await serveSockets(t)
    const [socket, ear] = await stalled(served)
    fill(ear)
    ear.socket?.close(1012, 'restart', 20)
    await until('the cut', () => ear.closes.length > 0)
    deepEqual(ear.closes, [[1006, '']])
    socket.client.leave()
  })

  test('harms no other socket', async t => {
    const served = await serveSockets(t)
    const [, slow] = await stalled(served)
    fill(slow)
    const [other, ear] = await served.join()
    for (let i = 0; i < 50; i++) equal(ear.socket?.send(`${i}`, 'text'), true)
    await other.frame(49)
    deepEqual(slow.closes, [])
  })
})

describe('a client that is behind', () => {
  const settings = { behindBytesMax: 10_000 }
  const open = async (t: TestContext, options: SocketsOptions = {}) => {
    const served = await serveSockets(t, { settings, ...options })
    const [socket, ear] = await stalled(served)
    fill(ear)
    return { served, socket, ear }
  }

  test('is sent as much as may wait, and gets it', async t => {
    const { socket, ear } = await open(t)
    for (let i = 0; i < 9; i++) equal(ear.socket?.send(Buffer.alloc(1_000, i), 'binary'), false)
    socket.client.resume()
    await until('drained', () => ear.drains === 1)
    await until('the last', () => socket.read() && socket.frames.at(-1)?.payload.length === 1_000)
    deepEqual(
      socket.frames.slice(-9).map(({ payload }) => payload[0]),
      [0, 1, 2, 3, 4, 5, 6, 7, 8],
    )
    // Counted anew from here.
    socket.client.pause()
    fill(ear)
    equal(ear.socket?.send(Buffer.alloc(9_000), 'binary'), false)
    deepEqual(ear.closes, [])
  })

  test('is cut when more waits', async t => {
    const { served, ear } = await open(t)
    for (let i = 0; i < 10; i++) ear.socket?.send(Buffer.alloc(1_000), 'binary')
    deepEqual(ear.closes, [[1006, '']])
    equal(served.server.counters.socketsBehind, 1)
    equal(ear.socket?.send('late', 'text'), true)
    await until('no connection', () => served.server.connections() === 0)
  })

  test('may take one flush of any size, and no second one', async t => {
    const served = await serveSockets(t, { settings })
    const [, ear] = await stalled(served)
    const flush = Array.from({ length: 100 }, () => Buffer.alloc(100_000))
    equal(ear.socket?.sendAll(flush, 'binary'), false)
    deepEqual(ear.closes, [])
    ear.socket?.sendAll(flush, 'binary')
    deepEqual(ear.closes, [[1006, '']])
  })

  test('cannot make the answers to its pings wait without a bound', async t => {
    const { served, socket, ear } = await open(t)
    const pings = Buffer.concat(Array.from({ length: 50 }, () => frame(opcode.ping, Buffer.alloc(125))))
    await until('the cut', () => {
      socket.client.send(pings)
      return ear.closes.length > 0
    })
    deepEqual(ear.closes, [[1006, '']])
    equal(served.server.counters.socketsBehind, 1)
  })

  test('and shows no sign of life is cut, although no ping can reach it', async t => {
    const { served, ear } = await open(t, { settings: { pingMs: 100 } })
    await until('the cut', () => ear.closes.length > 0)
    equal(served.server.counters.pingsMissed, 1)
  })
})
