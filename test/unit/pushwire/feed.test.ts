import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { lapOf } from '../../../src/frontends/pushwire/wire/cursors.ts'
import { Joint } from '../../helpers/joint.ts'
import { JointNode } from '../../helpers/joint-node.ts'
import { Connection, Scene } from '../../helpers/pushwire/scene.ts'

function last(connection: Connection, channel: string): number {
  return connection.cursors(channel).at(-1) ?? 0
}

function placed(channel: string, cursor: number, epoch?: string) {
  return new Map([[channel, { cursor, epoch: epoch as never }]]) // whatever a client hands in
}

test('who names no position gets what is published from now on, and of a private stream all that is held', () => {
  const scene = new Scene()
  scene.connect({ names: ['chat', 'data'] }).session?.leave()
  scene.publish('chat', [1])
  scene.publish('data', ['a', 'b'])
  const connection = scene.connect({ names: ['chat', 'data'] })
  scene.publish('chat', [2])
  deepEqual(connection.payloads('chat'), [2])
  deepEqual(connection.payloads('data'), ['a', 'b'])
  deepEqual(connection.said, [])
})

test('a cursor that is held goes on behind it, and 0 with all that is held', () => {
  const scene = new Scene()
  const first = scene.connect()
  scene.publish('chat', [1, 2, 3])
  first.session?.leave()
  const exact = scene.connect({ places: placed('chat', first.cursors('chat')[0] ?? 0) })
  deepEqual(exact.payloads('chat'), [2, 3])
  const all = scene.connect({ resumeCursor: 0 })
  deepEqual(all.payloads('chat'), [1, 2, 3])
  deepEqual([...exact.said, ...all.said], [])
})

test('where some is gone the client is told the next cursor first, and gets all that is left', () => {
  const scene = new Scene({ ring: 3 })
  const first = scene.connect()
  scene.publish('chat', [1, 2, 3, 4, 5, 6])
  const [cursor = 0] = first.cursors('chat')
  const { told } = scene.connect({ places: placed('chat', cursor) })
  equal(told.length, 4)
  deepEqual(told[0], { op: 'resume_required', channel: 'chat', fromCursor: cursor + 3, epoch: 'e2' })
  deepEqual(
    told.slice(1).map(each => 'cursor' in each && each.cursor),
    [cursor + 3, cursor + 4, cursor + 5],
  )
})

test('a client that is ahead goes on a lap higher, and comes back exactly', () => {
  const scene = new Scene()
  const first = scene.connect()
  scene.publish('chat', [1])
  const ahead = last(first, 'chat') + 1_000_000
  const second = scene.connect({ places: placed('chat', ahead) })
  scene.publish('chat', [2])
  const cursor = last(second, 'chat')
  equal(lapOf(cursor), 1)
  ok(cursor > ahead)
  equal(second.said[0]?.op, 'resume_required')
  const third = scene.connect({ places: placed('chat', cursor) })
  scene.publish('chat', [3])
  deepEqual(third.cursors('chat'), [cursor + 1])
  deepEqual(third.said, [])
})

test('where no lap is left it is told, and its other channels go on', () => {
  const scene = new Scene()
  const connection = scene.connect({
    names: ['chat', 'news'],
    places: placed('chat', Number.MAX_SAFE_INTEGER),
  })
  scene.publish('chat', [1])
  scene.publish('news', [2])
  deepEqual(
    connection.said.map(each => 'code' in each && each.code),
    ['cursor_ahead'],
  )
  deepEqual(connection.payloads('chat'), [])
  deepEqual(connection.payloads('news'), [2])
  equal(connection.session?.feed('chat')?.isOn, false)
})

test('a channel that is subscribed to again goes on where the connection was', () => {
  const scene = new Scene()
  const connection = scene.connect({ names: ['chat', 'news'] })
  scene.publish('chat', [1])
  connection.session?.feed('chat')?.unsubscribe()
  scene.publish('chat', [2, 3])
  deepEqual(connection.payloads('chat'), [1])
  connection.session?.subscribe(scene.channel('chat'))
  scene.settle()
  deepEqual(connection.payloads('chat'), [1, 2, 3])
  deepEqual(connection.said, [])
})

test('what a client wants again is sent again, and then what follows', () => {
  const scene = new Scene()
  const connection = scene.connect()
  scene.publish('chat', [1, 2, 3])
  const feed = connection.session?.feed('chat')
  ok(feed)
  ok(connection.session?.replay(feed, connection.cursors('chat')[1] ?? 0))
  scene.settle()
  scene.publish('chat', [4])
  deepEqual(connection.payloads('chat'), [1, 2, 3, 2, 3, 4])
  deepEqual(connection.said, [])
})

test('what it wants again and is not held uses up no lap: it is told with which cursor it begins', () => {
  const scene = new Scene({ ring: 3 })
  const connection = scene.connect()
  scene.publish('chat', [1, 2, 3, 4, 5])
  const cursors = connection.cursors('chat')
  const feed = connection.session?.feed('chat')
  ok(feed)
  for (let times = 0; times < 5; times++) {
    connection.session?.replay(feed, cursors[0] ?? 0)
    scene.settle()
  }
  scene.publish('chat', [6])
  deepEqual(
    connection.said,
    Array(5).fill({ op: 'resume_required', channel: 'chat', fromCursor: cursors[2], epoch: 'e2' }),
  )
  equal(last(connection, 'chat'), (cursors[4] ?? 0) + 1)
})

test('a replay in a numbering that begins lower is above all that the client has', () => {
  const scene = new Scene({ workers: 2, ownerOf: () => 1 })
  const connection = scene.connect({}, 0)
  scene.publish('chat', [1, 2, 3], 1)
  const had = last(connection, 'chat')
  const feed = connection.session?.feed('chat')
  ok(feed)
  // Nobody here has it while its owner is lost, and the clock steps back.
  feed.unsubscribe()
  scene.settle()
  scene.mesh.kill(1, { farewell: false })
  scene.mesh.clock.epochMs -= 1_000_000
  scene.mesh.start(1)
  scene.settle()
  scene.publish('chat', [4], 1)
  connection.session?.subscribe(scene.channel('chat'))
  scene.settle()
  connection.session?.replay(feed, connection.cursors('chat')[0] ?? 0)
  scene.settle()
  scene.publish('chat', [5], 1)
  equal(lapOf(last(connection, 'chat')), 1)
  ok(last(connection, 'chat') > had)
  ok(connection.said.every(({ op }) => op === 'resume_required'))
})

test('whoever leaves in the very call that lets it in leaves nothing behind', () => {
  // Its channel is there already, so that the last call of the engine comes before `subscribe` returns.
  const scene = new Scene()
  scene.connect({ clientId: '00112233-4455-4677-8899-aabbccddeeff' })
  const before = scene.subscribers()
  const connection = new Connection()
  connection.onBegan = session => session.leave()
  scene.connect({}, 0, connection)
  equal(connection.hasBegun, true)
  equal(scene.subscribers(), before)
  equal(scene.counters.sessions, 1)
  scene.publish('chat', [1])
  deepEqual(connection.frames, [])
})

test('a channel that is left and taken again in that call is subscribed to once', () => {
  const scene = new Scene()
  scene.connect({ clientId: '00112233-4455-4677-8899-aabbccddeeff' })
  const connection = new Connection()
  connection.onBegan = session => {
    session.feed('chat')?.unsubscribe()
    session.subscribe(scene.channel('chat'))
  }
  const before = scene.subscribers()
  scene.connect({}, 0, connection)
  equal(scene.subscribers(), before + 2)
  scene.publish('chat', [1])
  deepEqual(connection.payloads('chat'), [1])
})

test('where the numbering goes on elsewhere the client, who counts, is told the next cursor, and misses nothing', () => {
  const joint = new Joint()
  const scene = new Scene({ node: new JointNode(joint) })
  const connection = scene.connect()
  scene.publish('chat', [1])
  joint.renumber('chat', true)
  scene.publish('chat', [2])
  const [before = 0, after = 0] = connection.cursors('chat')
  deepEqual([connection.payloads('chat'), connection.endings], [[1, 2], []])
  ok(after > before + 1)
  deepEqual(connection.said, [
    { op: 'resume_required', channel: 'chat', fromCursor: after, epoch: joint.channel('chat').now.epoch },
  ])
})
