import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { kickDraft } from '../../../src/frontends/pushwire/session/control.ts'
import { Connection, clientId, Scene } from '../../helpers/pushwire/scene.ts'

const spread = { workers: 3, ownerOf: () => 1 }
const other = '00112233-4455-4677-8899-aabbccddeeff'

test('nothing is offered before all channels are live, and then all of it', () => {
  const scene = new Scene(spread)
  scene.connect({ clientId: other, names: ['chat'] })
  // The channel is live at once in this worker, its control stream is not.
  const connection = scene.open({ names: ['chat'] })
  equal(connection.hasBegun, false)
  scene.publish('chat', [1], 1)
  equal(connection.hasBegun, true)
  deepEqual(connection.payloads('chat'), [1])
})

test('a channel that a namespace closes is told by an error behind the beginning, and the others go on', () => {
  const scene = new Scene({ namespaces: [{ pattern: 'news', subscribe: ['rpushd'] }] })
  const connection = scene.connect({ names: ['news', 'chat'], missed: ['secret'] })
  scene.publish('chat', [1])
  deepEqual(connection.told[0], {
    op: 'error',
    message: 'channel not allowed: secret, news',
    code: 'channel_not_allowed',
  })
  deepEqual(connection.payloads('chat'), [1])
  deepEqual(connection.endings, [])
  equal(connection.session?.feed('news'), undefined)
  connection.session?.subscribe(scene.channel('news'))
  deepEqual(connection.said.at(-1), {
    op: 'error',
    message: 'channel not allowed: news',
    code: 'channel_not_allowed',
  })
})

test('one that is closed altogether is let in with nothing', () => {
  const scene = new Scene({ namespaces: [{ pattern: 'news', subscribe: ['rpushd'] }] })
  const connection = scene.connect({ names: ['news'] })
  equal(connection.hasBegun, true)
  deepEqual(connection.session?.feeds, [])
  equal(scene.subscribers(), 1)
})

test('a channel that is full later on is told, and all else goes on', () => {
  const scene = new Scene({ namespaces: [{ pattern: 'news', subscribersMax: 1 }] })
  scene.connect({ clientId: other, names: ['news'] })
  const connection = scene.connect({ names: ['chat'] })
  connection.session?.subscribe(scene.channel('news'))
  deepEqual(connection.said, [{ op: 'error', message: 'overloaded', code: 'overloaded' }])
  deepEqual(connection.endings, [])
  const full = scene.connect({ clientId: '00112233-4455-4677-8899-aabbccddee00', names: ['news'] })
  deepEqual(full.endings, ['overloaded'])
})

test('while it opens, an owner that does not answer ends it as lost, and nothing of it stays', () => {
  const scene = new Scene(spread)
  scene.mesh.kill(1, { farewell: false })
  const connection = scene.open()
  scene.mesh.advance(4_000)
  deepEqual(connection.endings, [])
  scene.mesh.advance(20_000)
  deepEqual([connection.endings, connection.returns], [['lost'], [undefined]])
  equal(scene.counters.sessions, 0)
  equal(scene.subscribers(), 0)
})

test('a drain that comes while it opens ends it once', () => {
  const scene = new Scene(spread)
  const connection = scene.open()
  scene.engine().drain(0)
  scene.settle()
  deepEqual(connection.endings, ['draining'])
  const late = scene.open({ clientId: other })
  deepEqual(late.endings, ['draining'])
  // Each at its own time, at 500 a second.
  deepEqual([connection.returns, late.returns], [[100], [102]])
  equal(scene.counters.sessions, 0)
})

test('a node that stops ends a session of many channels once', () => {
  const scene = new Scene()
  const connection = scene.connect({ names: ['chat', 'news', 'data'] })
  scene.engine().drain(100)
  scene.mesh.advance(1_000)
  deepEqual([connection.endings, connection.returns], [['draining'], [100]])
  equal(scene.subscribers(), 0)
})

test('whoever attaches for long is not older for it: it is slow only when it does not take what it is sent', () => {
  const scene = new Scene(spread)
  scene.mesh.kill(1, { farewell: false })
  const connection = scene.open()
  scene.mesh.advance(4_000)
  connection.onBegan = () => equal(connection.wire.blockedSince, scene.mesh.clock.now())
  scene.mesh.start(1)
  scene.settle()
  equal(connection.hasBegun, true)
  equal(connection.wire.blockedSince, undefined)
})

test('an answer that the socket does not take holds up the frames until it does', () => {
  const scene = new Scene()
  const connection = new Connection()
  connection.onBegan = () => {
    connection.isBehind = true
    connection.wire.offered({ length: 1 }, false, scene.mesh.clock)
  }
  scene.connect({}, 0, connection)
  scene.publish('chat', [1])
  deepEqual(connection.payloads('chat'), [])
  equal(connection.wire.blockedSince, scene.mesh.clock.now())
  connection.drain()
  scene.settle()
  deepEqual(connection.payloads('chat'), [1])
})

test('a token that expires ends it, also while it opens', () => {
  const scene = new Scene(spread)
  scene.kind()
  const expires = Math.floor(scene.mesh.clock.unixMs() / 1_000) + 2
  const live = scene.connect({ expires })
  scene.mesh.kill(1, { farewell: false })
  const opening = scene.open({ clientId: other, expires })
  scene.mesh.advance(3_000)
  deepEqual([live.endings, opening.endings], [['token-expired'], ['token-expired']])
  equal(scene.counters.sessions, 0)
})

test('the newest connection of an id stays, wherever it is', () => {
  const scene = new Scene(spread)
  const connections = [0, 1, 2, 0].map(slot => {
    scene.mesh.advance(1)
    return scene.connect({}, slot)
  })
  scene.mesh.advance(100)
  scene.settle()
  deepEqual(
    connections.map(({ endings }) => endings),
    [['replaced'], ['replaced'], ['replaced'], []],
  )
  equal(scene.counters.sessions, 1)
})

test('one that is replaced while it opens is never let in', () => {
  const scene = new Scene(spread)
  const older = scene.open({}, 0)
  scene.mesh.advance(1)
  const newer = scene.connect({}, 1)
  scene.mesh.advance(100)
  scene.settle()
  deepEqual([older.endings, newer.endings], [['replaced'], []])
})

test('a client that reads nothing hears that it is replaced, and that it must go', () => {
  for (const slow of [false, true]) {
    const scene = new Scene(spread)
    const connection = scene.connect()
    connection.takes = false
    scene.publish('chat', [1, 2], 1)
    ok(connection.wire.blocked)
    scene.mesh.advance(1)
    if (slow) scene.engine(1).publish(kickDraft(clientId), () => {})
    else scene.connect({}, 2)
    scene.settle()
    deepEqual(connection.endings, [slow ? 'kicked' : 'replaced'])
  }
})

test('a claim that was lost with its worker is said again', () => {
  const scene = new Scene(spread)
  const older = scene.connect({}, 0)
  scene.mesh.advance(1)
  const newer = scene.open({}, 2)
  // Its own worker's messages are on their way when the owner is lost.
  scene.mesh.kill(1, { farewell: false })
  scene.mesh.start(1)
  for (let times = 0; times < 10; times++) {
    scene.settle()
    scene.mesh.advance(300)
  }
  deepEqual([older.endings, newer.endings, newer.hasBegun], [['replaced'], [], true])
})
