// How a WebSocket ends between its client, its origin and what is published (contract §8.4, rows of §13.8).
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
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

describe('a close of the client', () => {
  test('is answered by its origin', async () => {
    const { end, peer } = await scene.open()
    peer.say.closing(1003, bye)
    deepEqual([peer.got, end.heard], [[], ['close 1003 bye']])
    end.say.closed(1003, bye)
    deepEqual(peer.got, ['close 1003 bye', 'FIN'])
    isOver()
  })

  test('comes behind what its origin says before it answers, but for orders', async () => {
    const { end, peer } = await scene.open()
    peer.say.closing(1003, bye)
    end.text(subscribe('a'))
    end.text(order('keep-alive', { content: 'k', timeout: 1 }))
    end.text('m:last')
    scene.pass(3_000)
    end.say.closed(4001, none)
    deepEqual(peer.got, ['text last', 'close 4001', 'FIN'])
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
    deepEqual(
      [peer.got, end.heard],
      [
        ['close 4001 why', 'FIN'],
        ['text late', 'close 4001'],
      ],
    )
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
    deepEqual(end.heard, ['gone'])
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
      [['close 1012 retry=100'], ['close 1012 retry=100'], ['close 1012 retry=100']],
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
    deepEqual([peer.got, end.heard], [['close 1012 retry=100'], ['leave']])
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
