// How long a WebSocket may take to end: the time for what waits, which is ours, and for the client's answer to a close
// frame, which is the library's.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import { frame, handshake, opcode } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'
import { serveSockets } from './sockets.ts'

describe('an end that takes too long', { concurrency: true }, () => {
  test('of a client that answers no close frame is cut 12 to 16 s after it, whatever it sends', async t => {
    const served = await serveSockets(t)
    const { host, port } = served.acceptor.address
    const client = connect({ host, port, allowHalfOpen: true })
    t.after(() => client.destroy())
    let failed = false
    let ended = false
    client.on('error', () => {
      failed = true
    })
    client.on('end', () => {
      ended = true
    })
    client.resume().write(handshake())
    const socket = await until('the socket', () => served.ears[0]?.socket)
    socket.close(1000)
    const from = performance.now()
    await until('the FIN', () => ended)
    const drip = setInterval(() => client.write(frame(opcode.ping)), 250)
    t.after(() => clearInterval(drip))
    await until('the cut', () => failed, 30_000)
    const seconds = (performance.now() - from) / 1_000
    ok(seconds > 11 && seconds < 17.5, `cut after ${seconds.toFixed(1)} s`)
  })

  test('of a client that does not take what waits is cut after 10 s', async t => {
    const served = await serveSockets(t)
    const [client, ear] = await served.join()
    client.client.pause()
    while (ear.socket?.send(Buffer.alloc(16_000), 'binary')) {}
    ear.socket?.close(1000)
    const from = performance.now()
    await until('the cut', () => ear.closes.length > 0, 20_000)
    const seconds = (performance.now() - from) / 1_000
    ok(seconds > 9.5 && seconds < 12, `cut after ${seconds.toFixed(1)} s`)
    deepEqual(ear.closes, [[1006, '']])
    equal(served.server.connections(), 0)
  })

  test('an idle socket is not ended by the library', async t => {
    const served = await serveSockets(t)
    const [, ear] = await served.join()
    await new Promise(resolve => setTimeout(resolve, 45_000))
    deepEqual(ear.closes, [])
  })
})
