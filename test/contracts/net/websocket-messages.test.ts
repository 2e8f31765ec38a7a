// Messages and control frames of a WebSocket, both ways.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { frame, handshake, opcode } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'
import { echo, serveSockets } from './sockets.ts'

describe('a message', () => {
  for (const bytes of [0, 1, 125, 126, 127, 65_535, 65_536, 100_000]) {
    test(`of ${bytes} bytes comes and goes whole, as text and as binary`, async t => {
      const served = await serveSockets(t, { heard: echo })
      const [socket, ear] = await served.join()
      socket.send(opcode.text, 'x'.repeat(bytes)).send(opcode.binary, Buffer.alloc(bytes, 0xff))
      const [text, binary] = [await socket.frame(0), await socket.frame(1)]
      deepEqual([text.code, text.fin, text.reserved], [opcode.text, true, 0])
      equal(text.payload.toString(), 'x'.repeat(bytes))
      equal(binary.code, opcode.binary)
      ok(binary.payload.equals(Buffer.alloc(bytes, 0xff)))
      deepEqual(
        ear.messages.map(message => message.split(' ')[0]),
        ['text', 'binary'],
      )
      equal(served.server.counters.messages, 2)
    })
  }

  test('may be sent as a string: in UTF-8, whatever its kind', async t => {
    const served = await serveSockets(t)
    const [socket, ear] = await served.join()
    ear.socket?.send('κόσμε', 'text')
    ear.socket?.send('κόσμε', 'binary')
    deepEqual(
      [await socket.frame(0), await socket.frame(1)].map(({ code, payload }) => [code, payload.toString()]),
      [
        [opcode.text, 'κόσμε'],
        [opcode.binary, 'κόσμε'],
      ],
    )
  })

  test('may be a view into a larger buffer, and is the receiver’s own', async t => {
    const kept: Uint8Array[] = []
    const served = await serveSockets(t, { heard: (_ear, bytes) => kept.push(bytes) })
    const [socket, ear] = await served.join()
    ear.socket?.send(Buffer.from('abcdef').subarray(2, 4), 'text')
    equal((await socket.frame(0)).payload.toString(), 'cd')
    for (let i = 0; i < 50; i++) socket.send(opcode.text, `message ${i}`)
    await until('all messages', () => kept.length === 50)
    await served.roundTrip()
    deepEqual(
      kept.map(bytes => Buffer.from(bytes).toString()),
      Array.from({ length: 50 }, (_, i) => `message ${i}`),
    )
  })

  test('is put together from fragments, with control frames between them', async t => {
    const served = await serveSockets(t, { heard: echo })
    const [socket] = await served.join()
    socket
      .send(opcode.text, 'one ', { fin: false })
      .send(opcode.ping, 'between')
      .send(opcode.continuation, '', { fin: false })
      .send(opcode.continuation, 'two', { fin: false })
      .send(opcode.continuation, ' three')
    deepEqual(
      [await socket.frame(0), await socket.frame(1)].map(({ code, payload }) => `${code} ${payload}`),
      [`${opcode.pong} between`, `${opcode.text} one two three`],
    )
  })

  test('of text may break a character between fragments', async t => {
    const served = await serveSockets(t, { heard: echo })
    const [socket] = await served.join()
    const bytes = Buffer.from('κόσμε')
    socket.send(opcode.text, bytes.subarray(0, 1), { fin: false })
    socket.send(opcode.continuation, bytes.subarray(1, 4), { fin: false })
    socket.send(opcode.continuation, bytes.subarray(4))
    equal((await socket.frame(0)).payload.toString(), 'κόσμε')
  })

  test('may come byte by byte, or many in one segment', async t => {
    const served = await serveSockets(t, { heard: echo })
    const [socket] = await served.join()
    for (const byte of frame(opcode.text, 'slowly')) {
      socket.client.send(Buffer.from([byte]))
      await served.roundTrip()
    }
    equal((await socket.frame(0)).payload.toString(), 'slowly')
    socket.client.send(Buffer.concat(Array.from({ length: 200 }, (_, i) => frame(opcode.text, `${i}`))))
    await socket.frame(200)
    deepEqual(
      socket.frames.slice(1).map(({ payload }) => Number(payload)),
      Array.from({ length: 200 }, (_, i) => i),
    )
  })

  test('with a mask of zeros, and with another for each frame, is understood', async t => {
    const served = await serveSockets(t, { heard: echo })
    const [socket] = await served.join()
    socket.client.send(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]))
    socket.client.send(Buffer.from([0x81, 0x82, 1, 2, 3, 4, 0x69, 0x6b]))
    deepEqual([`${(await socket.frame(0)).payload}`, `${(await socket.frame(1)).payload}`], ['hi', 'hi'])
  })
})

describe('several messages at once', () => {
  test('leave in order, as frames of their own', async t => {
    const served = await serveSockets(t)
    const [socket, ear] = await served.join()
    equal(ear.socket?.sendAll(['a', Buffer.from('b'), '', 'c'], 'text'), true)
    await socket.frame(3)
    deepEqual(
      socket.frames.map(({ payload }) => payload.toString()),
      ['a', 'b', '', 'c'],
    )
  })

  test('leave in one packet up to 16 KB', async t => {
    const served = await serveSockets(t)
    const [socket, ear] = await served.join()
    // The first packet of a connection is acknowledged at once, and what comes in two reads left in two packets.
    for (let round = 1; round <= 20; round++) {
      const before = socket.client.reads
      ear.socket?.sendAll(
        Array.from({ length: 20 }, (_, i) => `${round} ${i} ${'x'.repeat(500)}`),
        'text',
      )
      await socket.frame(round * 20 - 1)
      equal(socket.client.reads, before + 1)
    }
  })

  test('leave in order beyond the size of one packet, and after none', async t => {
    const served = await serveSockets(t)
    const [socket, ear] = await served.join()
    equal(ear.socket?.sendAll([], 'text'), true)
    const sizes = [1, 9_000, 9_000, 5, 40_000, 3, 16_000, 16_384, 7]
    ear.socket?.sendAll(
      sizes.map(size => Buffer.alloc(size, size & 0xff)),
      'binary',
    )
    await socket.frame(sizes.length - 1)
    deepEqual(
      socket.frames.map(({ payload }) => [payload.length, payload[0]]),
      sizes.map(size => [size, size & 0xff]),
    )
  })
})

describe('pings', () => {
  test('of a client are answered with the same bytes', async t => {
    const served = await serveSockets(t)
    const [socket] = await served.join()
    socket.send(opcode.ping).send(opcode.ping, Buffer.alloc(125, 7))
    deepEqual(
      [await socket.frame(0), await socket.frame(1)].map(({ code, payload }) => [code, payload.length]),
      [
        [opcode.pong, 0],
        [opcode.pong, 125],
      ],
    )
  })

  test('of ours are told when they are answered; a pong that nobody asked for is told too', async t => {
    const served = await serveSockets(t)
    const [socket, ear] = await served.join()
    ear.socket?.ping()
    equal((await socket.frame(0)).code, opcode.ping)
    socket.send(opcode.pong)
    await until('the pong', () => ear.pongs === 1)
    socket.send(opcode.pong, 'unasked')
    await until('the second pong', () => ear.pongs === 2)
  })

  test('come once a period, and a client that answers stays', async t => {
    const served = await serveSockets(t, { settings: { pingMs: 30 } })
    const [socket, ear] = await served.join()
    for (let index = 0; index < 6; index++) {
      equal((await socket.frame(index)).code, opcode.ping)
      socket.send(opcode.pong)
    }
    deepEqual([ear.closes, served.server.counters.pingsMissed], [[], 0])
  })

  test('find the dead within two periods: the client is cut', async t => {
    const served = await serveSockets(t, { settings: { pingMs: 60 } })
    const before = performance.now()
    const [socket, ear] = await served.join()
    equal(await socket.closed(), undefined)
    ok(performance.now() - before >= 115, 'cut too early')
    deepEqual(ear.closes, [[1006, '']])
    equal(served.server.counters.pingsMissed, 1)
    equal(served.server.connections(), 0)
  })

  test('are not needed where the client shows another sign of life', async t => {
    const served = await serveSockets(t, { settings: { pingMs: 60 } })
    const [socket, ear] = await served.join(handshake())
    await until('six pings', () => {
      socket.send(opcode.text, 'alive')
      socket.read()
      return socket.frames.length >= 6
    })
    deepEqual(ear.closes, [])
  })
})
