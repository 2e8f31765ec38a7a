// The handshake of a WebSocket, and the messages that follow it (contract §8.3, §8.4, rows of §13.8).
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { originFailed, unreachableCause } from '../../../../src/frontends/grip/proxy/failures.ts'
import { SocketScene, subscribe } from './given-session.ts'

const bye = Buffer.from('bye')

let scene: SocketScene
beforeEach(() => {
  scene = new SocketScene()
})

/** Nothing of any session is left, nor is there anything that will happen. */
function isOver(): void {
  const { sockets, socketsAsking } = scene.sockets.counters
  deepEqual([sockets, socketsAsking, scene.subscribers], [0, 0, 0])
}

describe('the handshake', () => {
  test('is answered when the origin has accepted, with its headers', async () => {
    const { exchange, end } = scene.ask()
    equal(scene.sockets.counters.socketsAsking, 1)
    end.open({ rawHeaders: ['Sec-WebSocket-Protocol', 'chat', 'X-Custom', '1'] })
    await scene.settle()
    deepEqual(exchange.taken?.rawHeaders, [
      ...['Sec-WebSocket-Protocol', 'chat', 'X-Custom', '1', 'Upgrade', 'websocket', 'Connection', 'Upgrade'],
      ...['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
    ])
    const { sockets, socketsAsking, socketsOpened } = scene.sockets.counters
    deepEqual([sockets, socketsAsking, socketsOpened], [1, 0, 1])
  })

  test('is refused in the words of the origin', () => {
    const { exchange, end } = scene.ask()
    end.say.refused({ status: 401, reason: 'No', rawHeaders: [] }, Buffer.from('who are you'))
    deepEqual(exchange.got, ['401 who are you'])
    equal(scene.sockets.counters.socketsRefused, 1)
    isOver()
  })

  test('is answered in our words where the origin fails', () => {
    const { exchange, end } = scene.ask()
    end.say.failed(originFailed('it is on fire', false))
    deepEqual(exchange.got, ['502 Error while proxying to origin.\n'])
    deepEqual(scene.lines, ['origin-failed it is on fire'])
    isOver()
  })

  test('goes on to targets of another kind where none of one is reached', async () => {
    const { exchange } = scene.ask('*,debug o:1 o:2,over_http o:3,over_http')
    scene.end.say.failed(originFailed(unreachableCause(['o:1']), true))
    equal(scene.ends.length, 2)
    scene.end.open()
    await scene.settle()
    equal(exchange.taken?.reason, 'Switching Protocols')
    const other = scene.ask('*,debug o:1 o:2,over_http')
    scene.end.say.failed(originFailed(unreachableCause(['o:1']), true))
    scene.end.say.failed(originFailed(unreachableCause(['o:2']), true))
    deepEqual(other.exchange.got, ['502 Unable to connect to any targets. Tried: o:1, o:2\n'])
  })

  test('is told to the origin when its client leaves', () => {
    const { exchange, end } = scene.ask()
    exchange.leave()
    deepEqual(end.heard, ['gone'])
    isOver()
    end.open()
    deepEqual(scene.peers, [])
  })

  test('waits for all channels that came with the acceptance', async () => {
    const { exchange, end } = scene.ask()
    end.open({ messagePrefix: 'm:', subscriptions: ['a'] }, subscribe('b'), 'm:early')
    await Promise.resolve()
    equal(exchange.taken, undefined)
    scene.mesh.settle()
    deepEqual(scene.peer.got, ['text early'])
    scene.text('1', 'a')
    scene.text('2', 'b')
    deepEqual(scene.peer.got, ['text early', 'text 1', 'text 2'])
  })

  test('of a client that left while channels were joined goes nowhere', async () => {
    const { exchange, end } = scene.ask()
    end.open({ subscriptions: ['a'] })
    exchange.isGone = true
    await scene.settle()
    deepEqual([scene.peers.length, end.heard], [0, ['gone']])
    isOver()
  })

  test('is answered before the origin closes, where both come at once', async () => {
    const { end } = scene.ask()
    end.open()
    end.text('last')
    end.say.closed(4001, bye)
    await scene.settle()
    deepEqual(scene.peer.got, ['text last', 'close 4001 bye'])
  })

  test('is 502 where the origin is lost before the 101', async () => {
    const { exchange, end } = scene.ask()
    end.open({ subscriptions: ['a'] })
    end.say.lost('it broke')
    deepEqual(exchange.got, ['502 Error while proxying to origin.\n'])
    await scene.settle()
    isOver()
  })
})

describe('messages', () => {
  test('pass as they are, with pings and pongs', async () => {
    const { end, peer } = await scene.open({ messagePrefix: undefined })
    peer.say.message('text', Buffer.from('a'), true, false)
    peer.say.message('text', Buffer.from('b'), false, true)
    peer.say.pong(Buffer.from('q'))
    deepEqual(end.heard, ['text a…', 'text …b', 'pong q'])
    end.say.message('binary', Buffer.from('c'), true, false)
    end.say.message('binary', Buffer.from('d'), false, true)
    end.say.ping(Buffer.from('p'))
    end.say.pong(Buffer.from('r'))
    deepEqual(peer.got, ['binary c…', 'binary …d', 'ping p', 'pong r'])
    equal(scene.sockets.counters.clientMessages, 1)
  })

  test('of the client wait while its origin takes none', async () => {
    const { end, peer } = await scene.open()
    end.isTaking = false
    peer.say.message('text', Buffer.from('a'), true, true)
    deepEqual(peer.got, ['(pause)'])
    end.say.drained()
    deepEqual(peer.got, [])
  })

  test('of the origin wait while its client takes none', async () => {
    const { end, peer } = await scene.open({ messagePrefix: undefined })
    peer.isTaking = false
    end.text('a')
    deepEqual(end.heard, ['(pause)'])
    peer.drain()
    deepEqual(end.heard, [])
  })

  test('of pings are answered at once and told to the origin; of many the last one', async () => {
    const { end, peer } = await scene.open()
    peer.say.ping(Buffer.from('1'))
    peer.isTaking = false
    for (const payload of ['2', '3', '4']) peer.say.ping(Buffer.from(payload))
    deepEqual(peer.got, ['pong 1', 'pong 2'])
    peer.drain()
    deepEqual(peer.got, ['pong 1', 'pong 2', 'pong 4'])
    deepEqual(end.heard, ['ping 1', 'ping 2', 'ping 3', 'ping 4'])
    equal(scene.sockets.counters.pongsSkipped, 1)
  })
})
