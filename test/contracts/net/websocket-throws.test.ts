// What our code throws under a callback of a WebSocket never travels into the library and is never lost: that socket is
// closed with 1011, and the exception comes back at the end of the turn, once.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { handshake, opcode, RawWebSocket } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'
import { type Ear, echo, serveSockets } from './sockets.ts'

const bug = new Error('a bug on demand')
const fail = () => {
  throw bug
}

/** Breaks one ear; others go on. */
const callbacks: Record<string, (ear: Ear, socket: RawWebSocket) => unknown> = {
  message: (ear, socket) => {
    ear.message = fail
    socket.send(opcode.text, 'now')
  },
  pong: (ear, socket) => {
    ear.pong = fail
    socket.send(opcode.pong, 'now')
  },
  drained: async (ear, socket) => {
    ear.drained = fail
    socket.client.pause()
    while (ear.socket?.send(Buffer.alloc(16_000), 'binary')) {}
    socket.client.resume()
  },
}

for (const [name, provoke] of Object.entries(callbacks)) {
  test(`a throw in ${name} closes this socket with 1011 and no other`, async t => {
    const served = await serveSockets(t, { heard: echo })
    const [other] = await served.join()
    const [socket, ear] = await served.join()
    await provoke(ear, socket)
    deepEqual(await socket.closed(), [1011, ''])
    await until('the exception', () => served.thrown.length > 0)
    equal((await other.send(opcode.text, 'alive').frame(0)).payload.toString(), 'alive')
    deepEqual([ear.closes, served.thrown, served.server.counters.failures], [[[1011, '']], [bug], 1])
  })
}

test('a throw in closed comes back, whoever closed, and all others are told', async t => {
  const served = await serveSockets(t)
  let told = 0
  for (let i = 0; i < 6; i++) {
    const [socket, ear] = await served.join()
    ear.closed = () => {
      told++
      fail()
    }
    if (i === 0) ear.socket?.close(1000)
    if (i === 1) ear.socket?.terminate()
    if (i === 2) socket.send(opcode.close)
    if (i === 3) socket.client.leave()
  }
  await until('four exceptions', () => served.thrown.length === 4)
  served.server.close()
  await until('all exceptions', () => served.thrown.length === 6)
  equal(told, 6)
})

test('a throw in the handler of a handshake answers 500', async t => {
  const served = await serveSockets(t, { handle: fail })
  const client = served.connect().send(handshake())
  await client.ended()
  await served.roundTrip()
  deepEqual([client.statuses, served.thrown], [[500], [bug]])
})

test('a throw behind the acceptance closes the socket with 1011', async t => {
  const served = await serveSockets(t, {
    handle: (exchange, ear) => {
      ear.socket = exchange.upgrade(ear)
      fail()
    },
  })
  const [socket, ear] = await served.join()
  deepEqual([await socket.closed(), ear.closes], [[1011, ''], [[1011, '']]])
  await until('the exception', () => served.thrown.length === 1)
})

test('a throw in a later acceptance, guarded, closes the socket with 1011', async t => {
  const served = await serveSockets(t, {
    handle: (exchange, ear) =>
      void setImmediate(() =>
        exchange.guarded(() => {
          ear.socket = exchange.upgrade(ear)
          fail()
        }),
      ),
  })
  const [other] = await served.join()
  deepEqual(await other.closed(), [1011, ''])
  await until('the exception', () => served.thrown.length === 1)
})

test('a throw when a client left before the answer harms nobody', async t => {
  const served = await serveSockets(t, { handle: exchange => exchange.onAborted(fail) })
  const client = served.connect().send(handshake())
  await until('the handler', () => served.ears.length === 1)
  client.leave()
  await until('the exception', () => served.thrown.length === 1)
  const socket = new RawWebSocket(served.connect().send(handshake()))
  await until('the second', () => served.ears.length === 2)
  socket.client.leave()
})
