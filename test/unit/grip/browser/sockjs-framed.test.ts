// Frames of SockJS over a WebSocket (contract §12.3).
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { choiceOf } from '../proxy/given-origin.ts'
import { SocketExchange } from '../socket/given-session.ts'
import { SockjsScene } from './given-sockjs.ts'

let scene: SockjsScene
beforeEach(() => {
  scene = new SockjsScene()
})

/** Without GRIP every piece is passed on as it comes. */
async function open(path = '/1/a1/websocket', hasGrip = true) {
  const exchange = new SocketExchange(`/s${path}`)
  scene.workers[0]?.serve(choiceOf(exchange, '*,sockjs=/s o:80'))
  const { end } = scene
  if (hasGrip) end.open({ messagePrefix: '' }, 'c:{"type":"subscribe","channel":"a"}')
  else end.open()
  await scene.turn()
  return { exchange, end, peer: scene.peer }
}

describe('to the client', () => {
  test('messages are lists of one', async () => {
    const { end, peer } = await open()
    end.text('f"o')
    end.say.message('binary', Buffer.from('x'), true, true)
    scene.publishAll('one', { action: 'send', type: 'ping', content: Buffer.from('p') }, 'two')
    deepEqual(peer.got, [
      'text o',
      'text a["f\\"o"]',
      'text a["x"]',
      'text a["one"]',
      'ping p',
      'text a["two"]',
    ])
  })

  test('pieces are pieces of a list, whatever they cut', async () => {
    const { end, peer } = await open('/1/a1/websocket', false)
    const bytes = Buffer.from('é"')
    end.say.message('text', bytes.subarray(0, 1), true, false)
    end.say.message('text', bytes.subarray(1, 2), false, false)
    end.say.message('text', bytes.subarray(2), false, true)
    deepEqual(peer.got, ['text o', 'text a["…', 'text …é…', 'text …\\""]'])
  })

  test('a beat comes each 25 seconds without a message, and never inside of one', async () => {
    const { end, peer } = await open('/1/a1/websocket', false)
    scene.pass(20_000)
    end.text('x')
    scene.pass(20_000)
    equal(peer.got.length, 2)
    scene.pass(6_000)
    equal(peer.got.at(-1), 'text h')
    end.say.message('text', Buffer.from('a'), true, false)
    scene.pass(30_000)
    equal(peer.got.at(-1), 'text a["a…')
  })

  test('a close is one of WebSockets', async () => {
    const { end, peer } = await open()
    end.say.closed(3001, Buffer.from('zz'))
    peer.say.closing(3001, Buffer.from('zz'))
    deepEqual([peer.got.slice(1), end.heard], [['close 3001 zz', 'FIN'], ['close 3001 zz']])
  })
})

describe('from the client', () => {
  const says = (peer: { say: { message(...words: unknown[]): void } }, text: string) =>
    peer.say.message('text', Buffer.from(text), true, true)

  test('each text of a list is a message', async () => {
    const { end, peer } = await open()
    peer.say.message('text', Buffer.from('["a",'), true, false)
    deepEqual(end.heard, [])
    peer.say.message('text', Buffer.from('"é"]'), false, true)
    says(peer, '[]')
    deepEqual(end.heard, ['text a', 'text é'])
  })

  test('an origin that is behind gets the rest when it takes it, and the close behind that', async () => {
    const { end, peer } = await open()
    end.isTaking = false
    says(peer, '["a","b"]')
    says(peer, '["c"]')
    peer.say.closing(1000, Buffer.alloc(0))
    deepEqual([end.heard, peer.got.at(-1)], [['text a'], '(pause)'])
    end.isTaking = true
    end.say.drained()
    await scene.turn()
    deepEqual(end.heard, ['text a', 'text b', 'text c', 'close 1000'])
  })

  test('what is no list of texts ends it', async () => {
    for (const text of ['', '{}', '[1]', 'a']) {
      const { end, peer } = await open()
      says(peer, text)
      deepEqual([peer.got.at(-1), end.heard], ['CUT', ['gone']])
      says(peer, '["late"]')
      deepEqual(end.heard, ['gone'])
    }
  })

  test('a text, and a list, may have so many bytes', async () => {
    const sizes = [[200_000], [200_001], [133_330, 133_330, 133_329], [133_330, 133_330, 133_331]]
    const wanted = [true, false, true, false]
    for (const [index, lengths] of sizes.entries()) {
      const { end, peer } = await open()
      says(peer, JSON.stringify(lengths.map(length => 'x'.repeat(length))))
      equal(end.heard.length === lengths.length && end.heard[0] !== 'gone', wanted[index], String(lengths))
    }
  })

  test('a ping is answered, and no message', async () => {
    const { end, peer } = await open()
    peer.say.ping(Buffer.from('p'))
    deepEqual([peer.got.at(-1), end.heard], ['pong p', []])
  })

  test('one that is gone has no beats', async () => {
    const { end, peer } = await open()
    peer.say.gone()
    scene.pass(60_000)
    deepEqual([peer.got, end.heard], [['text o'], ['gone']])
  })
})

test('a raw one has no frames of these, and other paths are none', async () => {
  const { peer, end } = await open('/websocket')
  end.text('x')
  deepEqual(peer.got, ['text x'])
  equal(scene.chosen().target, '/s/websocket')
  for (const path of ['/1/websocket', '/1/2/3/websocket', '', '/info', `/1/${'x'.repeat(257)}/websocket`]) {
    const exchange = new SocketExchange(`/s${path}`)
    scene.workers[0]?.serve(choiceOf(exchange, '*,sockjs=/s o:80'))
    deepEqual(exchange.got, ['404 Not Found\n'])
  }
})

describe('a list of very many texts', () => {
  const list = JSON.stringify(Array.from({ length: 200 }, (_, at) => `${at}`))

  test('gives others a turn, and nothing more is read before its end', async () => {
    const { end, peer } = await open('/1/a1/websocket', false)
    peer.say.message('text', Buffer.from(list), true, true)
    peer.say.message('text', Buffer.from('["behind"]'), true, true)
    peer.say.closing(1000, Buffer.alloc(0))
    deepEqual([end.heard.length, peer.got.at(-1)], [64, '(pause)'])
    await scene.turn()
    deepEqual([end.heard.length, end.heard.at(-2), end.heard.at(-1)], [202, 'text behind', 'close 1000'])
  })

  test('waits for an origin that is behind, too', async () => {
    const { end, peer } = await open('/1/a1/websocket', false)
    peer.say.message('text', Buffer.from(list), true, true)
    end.isTaking = false
    await scene.turn()
    deepEqual([end.heard.length, peer.got.at(-1)], [65, '(pause)'])
    end.isTaking = true
    end.say.drained()
    await scene.turn()
    deepEqual([end.heard.length, peer.got.at(-1)], [200, 'text o'])
  })
})
