// The life of a WebSocket between its client, its origin and what is published (contract §8.4, rows of §13.8).
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { originFailed, unreachableCause } from '../../../../src/frontends/grip/proxy/failures.ts'
import { order, SocketScene, subscribe } from './given-session.ts'

const bye = Buffer.from('bye')
const none = Buffer.alloc(0)

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
    equal(scene.sockets.counters.socketMessages, 1)
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

describe('a close of the client', () => {
  test('is answered by its origin', async () => {
    const { end, peer } = await scene.open()
    peer.say.closing(1003, bye)
    deepEqual([peer.got, end.heard], [[], ['close 1003 bye']])
    end.say.closed(1003, bye)
    deepEqual(peer.got, ['close 1003 bye', 'FIN'])
    isOver()
  })

  test('without a code is answered by 1000', async () => {
    const { end, peer } = await scene.open()
    peer.say.closing(undefined, none)
    end.say.closed(undefined, none)
    deepEqual([peer.got, end.heard], [['close 1000', 'FIN'], ['close undefined']])
  })

  test('that its origin does not answer ends without a frame', async () => {
    const { end, peer } = await scene.open()
    peer.say.closing(1000, none)
    end.say.ended()
    deepEqual(peer.got, ['FIN'])
    isOver()
  })

  test('is answered here after five seconds, and where the origin is lost', async () => {
    const { peer } = await scene.open()
    peer.say.closing(4321, bye)
    scene.pass(4_999)
    deepEqual(peer.got, [])
    scene.pass(1)
    deepEqual(peer.got, ['close 4321 bye', 'FIN'])
    isOver()
    const other = await scene.open()
    other.peer.say.closing(undefined, none)
    other.end.say.lost('it went')
    deepEqual(other.peer.got, ['close 1000', 'FIN'])
    isOver()
  })

  test('with codes of applications and registered ones passes, and with one that nobody may send is 1002', async () => {
    for (const [said, heard] of [
      [3000, 3000],
      [4999, 4999],
      [1012, 1012],
      [1014, 1014],
      [1005, 1002],
      [0, 1002],
      [2999, 1002],
      [65_535, 1002],
    ]) {
      const { end, peer } = await scene.open()
      peer.say.closing(said, none)
      deepEqual(end.heard, [`close ${heard}`])
    }
  })

  test('is no end of the connection to the origin, which is told once', async () => {
    const { end, peer } = await scene.open()
    peer.say.closing(1000, none)
    peer.say.gone()
    deepEqual(end.heard, ['close 1000'])
    isOver()
  })
})

describe('a close of the origin', () => {
  test('reaches the client, whose answer it hears', async () => {
    const { end, peer } = await scene.open()
    end.say.closed(4001, Buffer.from('why'))
    deepEqual(peer.got, ['close 4001 why'])
    peer.say.message('text', Buffer.from('late'), true, true)
    peer.say.closing(4001, none)
    deepEqual([peer.got, end.heard], [['close 4001 why', 'FIN'], ['close 4001']])
    isOver()
  })

  test('that is not answered is over after five seconds', async () => {
    const { end, peer } = await scene.open()
    end.say.closed(1000, none)
    scene.pass(5_000)
    deepEqual([peer.got, end.heard], [['close 1000', 'FIN'], ['gone']])
    isOver()
  })

  test('with a code that nobody may send becomes one that says as much', async () => {
    for (const [said, got] of [
      [undefined, 1000],
      [0, 1000],
      [1005, 1000],
      [1006, 1011],
      [1004, 1011],
      [1015, 1011],
      [999, 1011],
      [1000, 1000],
      [3999, 3999],
    ]) {
      const { end, peer } = await scene.open()
      end.say.closed(said, none)
      deepEqual(peer.got, [`close ${got}`])
    }
  })
})

describe('the end', () => {
  test('of the client without a word is told', async () => {
    const { end, peer } = await scene.open()
    peer.say.gone('opcode')
    deepEqual([end.heard, scene.sockets.counters.socketFaults], [['gone'], 1])
    isOver()
  })

  test('of the origin is 1011, with its cause where causes are shown', async () => {
    const { end, peer } = await scene.open()
    end.say.lost('it broke')
    deepEqual(peer.got, ['close 1011'])
    peer.say.closing(1011, none)
    deepEqual([peer.got, end.heard], [['close 1011', 'FIN'], []])
    const shown = await scene.openBy('*,debug o:80', {})
    shown.end.say.lost('it broke')
    deepEqual(shown.peer.got, ['close 1011 it broke'])
    equal(scene.sockets.counters.socketOriginsLost, 2)
  })

  test('that the origin orders has no frame', async () => {
    const { end, peer } = await scene.open()
    end.say.disconnected()
    deepEqual([peer.got, end.heard], [['FIN'], []])
    isOver()
  })

  test('of the node is 1012, spread over a while, with channels and without', async () => {
    const pairs = [await scene.open(), await scene.open({}, subscribe('a')), await scene.open()]
    const asking = scene.ask()
    let isDone = false
    scene.sockets.drain(60, () => {
      isDone = true
    })
    deepEqual(
      pairs.map(({ peer }) => peer.got.length),
      [1, 1, 0],
    )
    scene.pass(20)
    deepEqual(
      pairs.map(({ peer }) => peer.got),
      [['close 1012'], ['close 1012'], ['close 1012']],
    )
    deepEqual(
      pairs.map(({ end }) => end.heard),
      [['leave'], ['leave'], ['leave']],
    )
    deepEqual(asking.exchange.got, ['503 Subscriptions are not possible now.\n'])
    equal(isDone, true)
  })

  test('of the engine is 1012', async () => {
    const { end, peer } = await scene.open({}, subscribe('a'))
    scene.mesh.engines[0]?.drain(0, () => {})
    deepEqual([peer.got, end.heard], [['close 1012'], ['leave']])
  })

  test('comes once, whatever is published or said behind it', async () => {
    const { end, peer } = await scene.open({}, subscribe('a'), order('keep-alive', { content: 'k' }))
    end.say.closed(1000, none)
    scene.text('late')
    end.text('m:late')
    end.say.closed(1001, none)
    end.say.lost('late')
    scene.pass(60_000)
    deepEqual(peer.got, ['close 1000', 'FIN'])
  })
})
