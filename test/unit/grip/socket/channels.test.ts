// What is published to WebSockets, and what their origins order inside them (contract §8.5, rows 248 to 262).
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { order, SocketScene, subscribe } from './given-session.ts'

const content = (text: string) => Buffer.from(text)
const none = Buffer.alloc(0)

let scene: SocketScene
beforeEach(() => {
  scene = new SocketScene()
})

describe('what is published', () => {
  test('comes as its type says', async () => {
    const { end, peer } = await scene.open({}, subscribe('a'))
    scene.text('t')
    scene.tell({ action: 'send', type: 'binary', content: content('b') })
    scene.tell({ action: 'send', type: 'ping', content: content('pi') })
    scene.tell({ action: 'send', type: 'text', content: none })
    deepEqual(peer.got, ['text t', 'binary b', 'ping pi', 'text '])
    peer.say.pong(content('pi'))
    deepEqual(end.heard, ['pong pi'])
  })

  test('at one time is one piece, the same for all', async () => {
    await scene.open({}, subscribe('a'))
    await scene.open({}, subscribe('a'))
    const pieces: Uint8Array[] = []
    for (const peer of scene.peers) peer.raw = frames => pieces.push(frames) > 0
    scene.publishAll('1', '2')
    equal(pieces.length, 2)
    equal(pieces[0], pieces[1])
    equal(Buffer.from(pieces[0] ?? none).toString('latin1'), '\x81\x011\x81\x012')
  })

  test('as a close reaches client and origin, and nothing behind it does', async () => {
    const { end, peer } = await scene.open({}, subscribe('a'))
    scene.tell({ action: 'close', code: 4001, reason: 'kicked' })
    scene.text('late')
    deepEqual([peer.got, end.heard], [['close 4001 kicked'], ['leave']])
    peer.say.closing(4001, none)
    deepEqual([peer.got, end.heard], [['close 4001 kicked', 'FIN'], ['leave']])
    const other = await scene.open({}, subscribe('a'))
    scene.tell({ action: 'close' })
    deepEqual(other.peer.got, ['close 1000'])
  })

  test('in one turn with a close in it comes up to that', async () => {
    const { peer } = await scene.open({}, subscribe('a'))
    scene.publishAll('1', { action: 'close' }, '2')
    deepEqual(peer.got, ['text 1', 'close 1000'])
  })

  test('as a refresh asks the origin; as a hint it is nothing', async () => {
    const { end, peer } = await scene.open({}, subscribe('a'))
    scene.tell({ action: 'refresh' })
    scene.tell({ action: 'hint' })
    deepEqual([peer.got, end.heard], [[], ['refresh']])
  })

  test('never comes inside a message of the origin', async () => {
    const { end, peer } = await scene.open({ messagePrefix: undefined, subscriptions: ['a'] })
    end.say.message('text', content('be'), true, false)
    scene.publishAll('1', '2')
    scene.text('3')
    end.say.ping(content('p'))
    end.say.message('text', content('gin'), false, true)
    deepEqual(peer.got.slice(0, 5), ['text be…', 'ping p', 'text …gin', 'text 1', 'text 2'])
    scene.mesh.settle()
    deepEqual(peer.got.slice(5), ['text 3'])
  })

  test('goes on where the client took what it was behind with amidst a message of the origin', async () => {
    const { end, peer } = await scene.open({ messagePrefix: undefined, subscriptions: ['a'] })
    peer.isTaking = false
    scene.text('1')
    end.say.message('text', content('be'), true, false)
    scene.text('2')
    peer.drain()
    end.say.message('text', content('gin'), false, true)
    scene.mesh.settle()
    deepEqual(peer.got, ['text 1', 'text be…', 'text …gin', 'text 2'])
  })

  test('and waits for its turn at the rate comes to nothing where the channel is left meanwhile', async () => {
    const slow = new SocketScene({ messageRate: 20 })
    const { end, peer } = await slow.open({}, subscribe('a'))
    slow.publishAll('1', '2', '3')
    end.text(order('unsubscribe', { channel: 'a' }))
    slow.pass(1_000)
    deepEqual(peer.got, ['text 1'])
    end.text(subscribe('a'))
    slow.mesh.settle()
    slow.text('4')
    deepEqual(peer.got, ['text 1', 'text 4'])
  })

  test('inside a message that does not end closes the client rather than leaving a hole', async () => {
    const { end, peer } = await scene.open({ messagePrefix: undefined, subscriptions: ['a'] })
    end.say.message('text', content('be'), true, false)
    for (let second = 0; second < 120; second++) {
      scene.text('x')
      scene.pass(1_000)
    }
    deepEqual(peer.got, ['text be…', 'close 1013', 'FIN'])
    deepEqual(end.heard, ['leave'])
  })

  test('waits for a client that is behind, and ends one that stays so', async () => {
    const { end, peer } = await scene.open({}, subscribe('a'))
    peer.isTaking = false
    scene.text('1')
    scene.text('2')
    deepEqual(peer.got, ['text 1'])
    peer.drain()
    scene.mesh.settle()
    deepEqual(peer.got, ['text 1', 'text 2'])
    peer.isTaking = false
    for (let second = 0; second < 120; second++) {
      scene.text('x')
      scene.pass(1_000)
    }
    deepEqual([peer.got.at(-1), end.heard], ['CUT', ['gone']])
  })
})

describe('channels', () => {
  test('are joined and left as the origin says', async () => {
    const { end, peer } = await scene.open({}, subscribe('a'), subscribe('b'))
    end.text(order('unsubscribe', { channel: 'a' }))
    scene.text('1', 'a')
    scene.text('2', 'b')
    deepEqual(peer.got, ['text 2'])
    equal(scene.sockets.counters.socketControls, 3)
  })

  test('of the origin are behind the prefix of the rule, those of the target are not', async () => {
    const { end, peer } = await scene.openBy('*,prefix=p- o:80', { subscriptions: ['a'] }, subscribe('b'))
    for (const channel of ['a', 'b', 'p-a', 'p-b']) scene.text(channel, channel)
    deepEqual(peer.got, ['text a', 'text p-b'])
    end.text(order('unsubscribe', { channel: 'a' }))
    scene.text('a')
    equal(peer.got.length, 2)
  })

  test('are 20, and more are ignored and counted; those of the target are none of them', async () => {
    const names = Array.from({ length: 21 }, (_, at) => `c${at}`)
    const { peer } = await scene.open({ subscriptions: ['a'] }, ...names.map(name => subscribe(name)))
    for (const name of ['a', 'c19', 'c20']) scene.text(name, name)
    deepEqual(peer.got, ['text a', 'text c19'])
    equal(scene.gateway.counters.ignoredChannels, 1)
  })

  test('that no channel can be called are ignored and counted', async () => {
    const { peer } = await scene.open({}, subscribe('x'.repeat(1_025)))
    deepEqual([peer.got, scene.gateway.counters.ignoredChannels], [[], 1])
  })

  test('with more than five filters close the client', async () => {
    const filters = ['1', '2', '3', '4', '5', '6']
    const { end, peer } = await scene.openBy('*,debug o:80', {}, subscribe('a', filters))
    deepEqual([peer.got, end.heard], [["close 1011 too many filters for channel 'a'"], ['leave']])
    const quiet = await scene.open({}, subscribe('a', filters))
    deepEqual(quiet.peer.got, ['close 1011'])
  })

  test('stay when the origin detaches, and the client is answered here', async () => {
    const { end, peer } = await scene.open({}, subscribe('a'))
    end.text(order('detach'))
    peer.say.message('text', content('x'), true, true)
    scene.text('1')
    deepEqual([peer.got, end.heard], [['text 1'], ['leave']])
    peer.say.closing(4000, content('bye'))
    deepEqual([peer.got.slice(1), end.heard], [['close 1000', 'FIN'], ['leave']])
    equal(scene.subscribers, 0)
  })
})

describe('messages of the origin', () => {
  test('reach the client behind the prefix alone', async () => {
    const { end, peer } = await scene.open({}, 'm:hi', 'plain', 'm', '', 'c:nothing', 'c:{"type":"x"}')
    end.say.message('binary', content('m:b'), true, true)
    end.say.message('binary', content('c:{"type":"detach"}'), true, true)
    deepEqual(peer.got, ['text hi', 'binary b'])
    deepEqual(end.heard, [])
    equal(scene.sockets.counters.socketWordsDropped, 6)
  })

  test('may come in pieces of any size', async () => {
    const { end, peer } = await scene.open({ messagePrefix: 'long:' })
    const send = (text: string) => {
      const bytes = [...text]
      for (const [at, byte] of bytes.entries()) {
        end.say.message('text', content(byte), at === 0, at === bytes.length - 1)
      }
    }
    send('long:ab')
    send('lonely')
    send('c:{"type":"send-delayed","content":"d","timeout":9}')
    send('c:{"type":"flush-delayed"}')
    deepEqual(peer.got, ['text …', 'text …a…', 'text …b', 'text d'])
  })

  test('all reach it where the prefix is empty, but for orders', async () => {
    const { peer } = await scene.open(
      { messagePrefix: '' },
      'hi',
      '',
      order('set-meta', { name: 'a', value: 'b' }),
    )
    deepEqual(peer.got, ['text hi', 'text '])
  })

  test('as orders have a bound', async () => {
    const { end, peer } = await scene.open()
    const filler = 'x'.repeat(131_072 - order('send-delayed', { content: '' }).length)
    end.text(order('send-delayed', { content: filler }))
    end.text(order('flush-delayed'))
    equal(peer.got.length, 1)
    end.text(order('send-delayed', { content: `${filler}x` }))
    end.text(order('flush-delayed'))
    equal(peer.got.length, 1)
  })
})

describe('what the client gets by itself', () => {
  test('comes when nothing was sent for a while', async () => {
    const { end, peer } = await scene.open(
      {},
      subscribe('a'),
      order('keep-alive', { content: 'ka', timeout: 2 }),
    )
    scene.pass(1_900)
    scene.text('1')
    scene.pass(1_900)
    end.text('m:2')
    scene.pass(1_900)
    deepEqual(peer.got, ['text 1', 'text 2'])
    scene.pass(200)
    deepEqual(peer.got.slice(2), ['text ka'])
    end.text(order('keep-alive'))
    scene.pass(60_000)
    equal(peer.got.length, 3)
  })

  test('comes every so often whatever is sent, as a ping where it is one', async () => {
    const beat = { content: 'pp', 'message-type': 'ping', timeout: 2, mode: 'interval' }
    const { peer } = await scene.open({}, subscribe('a'), order('keep-alive', beat))
    scene.pass(1_900)
    scene.text('1')
    scene.pass(200)
    deepEqual(peer.got, ['text 1', 'ping pp'])
  })

  test('does not come amidst a message, nor to a client that is behind', async () => {
    const { end, peer } = await scene.open({}, order('keep-alive', { content: 'k', timeout: 1 }))
    end.say.message('text', content('m:be'), true, false)
    scene.pass(5_000)
    end.say.message('text', content('gin'), false, true)
    peer.isTaking = false
    end.text('m:2')
    scene.pass(5_000)
    deepEqual(peer.got, ['text be…', 'text …gin', 'text 2'])
  })

  test('comes later, at once for another one, or when it is told to', async () => {
    const later = (text: string) => order('send-delayed', { content: text, timeout: 3 })
    const { end, peer } = await scene.open({}, order('send-delayed', { 'content-bin': 'AQ==' }))
    scene.pass(1_000)
    deepEqual(peer.got, ['binary \u0001'])
    end.text(later('d1'))
    end.text(later('d2'))
    deepEqual(peer.got.slice(1), ['text d1'])
    scene.pass(3_000)
    deepEqual(peer.got.slice(2), ['text d2'])
    end.text(later('d3'))
    end.text(order('flush-delayed'))
    scene.pass(3_000)
    deepEqual(peer.got.slice(3), ['text d3'])
  })

  test('ends with the socket', async () => {
    const { end, peer } = await scene.open({}, order('send-delayed', { content: 'd' }))
    end.say.disconnected()
    scene.pass(5_000)
    deepEqual(peer.got, ['FIN'])
  })
})
