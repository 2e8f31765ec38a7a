// What a client of a WebSocket gets later, or now and then: bytes that its worker keeps meanwhile.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { order, SocketScene } from './given-session.ts'

describe('what an origin wants its client to get later', () => {
  test('counts among the bytes that a worker stores, and is given back', async () => {
    const scene = new SocketScene({ storedBytesMax: 20 })
    const { end } = await scene.open({}, order('send-delayed', { content: '0123456789', timeout: 3 }))
    equal(scene.gateway.stored.bytes, 10)
    end.text(order('keep-alive', { content: '01234567', timeout: 9 }))
    equal(scene.gateway.stored.bytes, 20)
    end.text(order('flush-delayed'))
    end.text(order('keep-alive'))
    equal(scene.gateway.stored.bytes, 0)
  })

  test('is sent at once where there is no room, and no keep-alive is kept', async () => {
    const scene = new SocketScene({ storedBytesMax: 9 })
    const { peer } = await scene.open(
      {},
      order('send-delayed', { content: '0123456789', timeout: 3 }),
      order('keep-alive', { content: '01234567', timeout: 1 }),
    )
    scene.pass(2_000)
    deepEqual(peer.got, ['text 0123456789'])
    equal(scene.sockets.counters.socketWordsDropped, 1)
  })
})
