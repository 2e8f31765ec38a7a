// Every way in which a WebSocket ends, and what both ends learn of it.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { closePayload, frame, opcode } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'
import { serveSockets } from './sockets.ts'

describe('a client that closes', () => {
  for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 4000, 4999]) {
    test(`with ${code} gets the same code back`, async t => {
      const served = await serveSockets(t)
      const [socket, ear] = await served.join()
      socket.send(opcode.close, closePayload(code, 'bye'))
      deepEqual(await socket.closed(), [code, 'bye'])
      deepEqual(ear.closes, [[code, 'bye']])
    })
  }

  for (const code of [1012, 1013, 1014, 3000, 3999]) {
    test(`with ${code} is answered by an empty frame and counted as none`, async t => {
      const served = await serveSockets(t)
      const [socket, ear] = await served.join()
      socket.send(opcode.close, closePayload(code, 'bye'))
      deepEqual(await socket.closed(), [1005, ''])
      deepEqual(ear.closes, [[1005, '']])
    })
  }

  for (const [name, payload] of [
    ['without a code', ''],
    ['with half a code', 'a'],
    ['with a code that must not be sent', closePayload(1005)],
    ['with a code of nobody', closePayload(999)],
  ] as const) {
    test(`${name} is answered by an empty frame`, async t => {
      const served = await serveSockets(t)
      const [socket, ear] = await served.join()
      socket.send(opcode.close, payload)
      deepEqual(await socket.closed(), [1005, ''])
      deepEqual(ear.closes, [[1005, '']])
    })
  }

  test('is not heard after its close frame', async t => {
    const served = await serveSockets(t)
    const [socket, ear] = await served.join()
    socket.client.send(Buffer.concat([frame(opcode.close, closePayload(1000)), frame(opcode.text, 'late')]))
    await socket.closed()
    await served.roundTrip()
    deepEqual([ear.messages, ear.closes.length], [[], 1])
  })

  test('without a close frame is lost: 1006', async t => {
    const served = await serveSockets(t)
    const [leaving, left] = await served.join()
    const [halfClosing, halfClosed] = await served.join()
    leaving.client.leave()
    halfClosing.client.endSending()
    await until('both losses', () => left.closes.length + halfClosed.closes.length === 2)
    deepEqual([left.closes, halfClosed.closes], [[[1006, '']], [[1006, '']]])
    await halfClosing.client.ended()
  })
})

describe('closing a socket', () => {
  for (const code of [1000, 1001, 1003, 1008, 1012, 1013, 3000, 4000, 4999]) {
    test(`with ${code} sends code and reason, and ends the connection`, async t => {
      const served = await serveSockets(t)
      const [socket, ear] = await served.join()
      ear.socket?.send('last', 'text')
      ear.socket?.close(code, 'bye')
      deepEqual(ear.closes, [[code, 'bye']])
      deepEqual(await socket.closed(), [code, 'bye'])
      equal(socket.frames[0]?.payload.toString(), 'last')
    })
  }

  test('with a code that cannot be sent sends one that can', async t => {
    const served = await serveSockets(t)
    for (const [asked, sent] of [
      [1004, 1011],
      [1006, 1011],
      [1015, 1011],
      [0, 1011],
      [999, 1011],
      [2999, 1011],
      [5000, 1011],
      [1000.5, 1011],
      [Number.NaN, 1011],
    ] as const) {
      const [socket, ear] = await served.join()
      ear.socket?.close(asked)
      deepEqual(await socket.closed(), [sent, ''])
    }
  })

  test('with 1005 sends a frame without a code', async t => {
    const served = await serveSockets(t)
    const [socket, ear] = await served.join()
    ear.socket?.close(1005)
    deepEqual(await socket.closed(), [1005, ''])
    equal(socket.frames[0]?.payload.length, 0)
  })

  test('cuts a long reason between two characters', async t => {
    const served = await serveSockets(t)
    const [socket, ear] = await served.join()
    ear.socket?.close(1000, 'κ'.repeat(100))
    deepEqual(await socket.closed(), [1000, 'κ'.repeat(61)])
  })

  test('is told once, and nothing is sent or heard after it', async t => {
    const served = await serveSockets(t, { heard: ear => ear.socket?.close(4001) })
    const [socket, ear] = await served.join()
    socket.client.send(Buffer.concat([frame(opcode.text, 'one'), frame(opcode.text, 'two')]))
    await socket.closed()
    equal(ear.socket?.open, false)
    equal(ear.socket?.send('late', 'text'), true)
    equal(ear.socket?.sendAll(['late'], 'text'), true)
    ear.socket?.ping()
    ear.socket?.close(4002)
    ear.socket?.terminate()
    await served.roundTrip()
    deepEqual([ear.messages, ear.closes], [['text one'], [[4001, '']]])
    equal(socket.read().length, 0)
  })

  test('is possible while the handshake is answered', async t => {
    const served = await serveSockets(t, {
      handle: (exchange, ear) => exchange.upgrade(ear)?.close(4003, 'stranger'),
    })
    const [socket] = await served.join()
    deepEqual(await socket.closed(), [4003, 'stranger'])
  })

  test('by terminate sends no close frame', async t => {
    const served = await serveSockets(t)
    const [socket, ear] = await served.join()
    ear.socket?.terminate()
    deepEqual([await socket.closed(), ear.closes], [undefined, [[1006, '']]])
  })

  test('many from the callback of one harms nobody', async t => {
    const served = await serveSockets(t, {
      heard: ({ path }) => {
        for (const { socket } of served.ears) if (path === '/') socket?.close(1012)
      },
    })
    const joined = [await served.join(), await served.join(), await served.join()]
    joined[1]?.[0].send(opcode.text, 'all')
    for (const [socket] of joined) deepEqual(await socket.closed(), [1012, ''])
    await until('no connection', () => served.server.connections() === 0)
  })
})

describe('a message that is too large', () => {
  const settings = { messageBytesMax: 1_000 }

  test('is answered 1009, really sent, and what follows is not heard', async t => {
    const served = await serveSockets(t, { settings })
    const [socket, ear] = await served.join()
    socket.client.send(Buffer.concat([frame(opcode.binary, Buffer.alloc(1_001)), frame(opcode.text, 'late')]))
    deepEqual(await socket.closed(), [1009, ''])
    await served.roundTrip()
    deepEqual([ear.messages, ear.closes.length], [[], 1])
    equal(served.server.counters.messagesTooLarge, 1)
  })

  test('is one of a byte more, not one of the limit', async t => {
    const served = await serveSockets(t, { settings })
    const [socket, ear] = await served.join()
    socket.send(opcode.binary, Buffer.alloc(1_000)).send(opcode.binary, Buffer.alloc(1_001))
    equal((await socket.closed())?.[0], 1009)
    equal(ear.messages.length, 1)
  })

  test('in fragments is answered 1009 too', async t => {
    const served = await serveSockets(t, { settings })
    const [socket] = await served.join()
    socket.send(opcode.binary, Buffer.alloc(900), { fin: false }).send(opcode.continuation, Buffer.alloc(200))
    equal((await socket.closed())?.[0], 1009)
  })

  test('up to 64 KB beyond the limit is answered 1009, beyond it the client is dropped', async t => {
    const served = await serveSockets(t, { settings })
    const largest = 1_000 + 65_536
    const [answered] = await served.join()
    answered.send(opcode.binary, Buffer.alloc(largest))
    equal((await answered.closed())?.[0], 1009)
    const [dropped, ear] = await served.join()
    dropped.client.send(frame(opcode.binary, '', { declared: largest + 1 }))
    equal(await dropped.closed(), undefined)
    deepEqual(ear.closes, [[1009, '']])
    equal(served.server.counters.messagesTooLarge, 2)
  })
})

test('invalid UTF-8 drops the client without a close frame; the consumer hears 1007', async t => {
  const served = await serveSockets(t)
  for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xce]]) {
    const [socket, ear] = await served.join()
    socket.send(opcode.text, Buffer.from(bytes))
    equal(await socket.closed(), undefined)
    deepEqual([ear.messages, ear.closes], [[], [[1007, '']]])
  }
})

test('closes are counted by the class of their code', async t => {
  const served = await serveSockets(t)
  for (const code of [1000, 1001, 1008, 1011, 1012, 4000]) {
    const [socket, ear] = await served.join()
    ear.socket?.close(code)
    await socket.closed()
  }
  const [, ear] = await served.join()
  ear.socket?.terminate()
  const { closesNormal, closesLost, closesRefused, closesServer, closesPrivate } = served.server.counters
  deepEqual(
    { closesNormal, closesLost, closesRefused, closesServer, closesPrivate },
    { closesNormal: 2, closesLost: 1, closesRefused: 1, closesServer: 2, closesPrivate: 1 },
  )
  ok(served.server.counters.socketsOpened === 7)
})
