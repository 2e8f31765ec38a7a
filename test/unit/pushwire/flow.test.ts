import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { type Connection, Scene } from '../../helpers/pushwire/scene.ts'

/** Acknowledges all that it has of the channel. */
function ack(scene: Scene, connection: Connection, channel = 'chat'): void {
  connection.session?.acked(scene.channel(channel), connection.cursors(channel).at(-1) ?? 0)
  scene.settle()
}

test('a client that asks for two at a time gets two, and two more for each that it acknowledges', () => {
  const scene = new Scene()
  const connection = scene.connect()
  connection.session?.limit(2)
  scene.publish('chat', [1, 2, 3, 4, 5, 6])
  deepEqual(connection.payloads('chat'), [1, 2])
  ack(scene, connection)
  deepEqual(connection.payloads('chat'), [1, 2, 3, 4])
  connection.session?.acked(scene.channel('chat'), connection.cursors('chat')[2] ?? 0)
  scene.settle()
  deepEqual(connection.payloads('chat'), [1, 2, 3, 4, 5])
  ack(scene, connection)
  deepEqual(connection.payloads('chat'), [1, 2, 3, 4, 5, 6])
  ack(scene, connection)
  scene.publish('chat', [7])
  deepEqual(connection.payloads('chat').at(-1), 7)
  deepEqual(connection.said, [])
})

test('each channel has its own window, and one that is lifted lets all go on', () => {
  const scene = new Scene()
  const connection = scene.connect({ names: ['chat', 'news'] })
  connection.session?.limit(1)
  scene.publish('chat', [1, 2])
  scene.publish('news', [3, 4])
  deepEqual([connection.payloads('chat'), connection.payloads('news')], [[1], [3]])
  connection.session?.limit(0)
  scene.settle()
  deepEqual(
    [connection.payloads('chat'), connection.payloads('news')],
    [
      [1, 2],
      [3, 4],
    ],
  )
})

test('a batch of which a part may go is sent in parts, without asking for it again', () => {
  const scene = new Scene({ ring: 16 })
  const first = scene.connect()
  scene.publish('chat', [1, 2, 3, 4, 5, 6])
  const { recoveries = 0 } = scene.engine().statistics().hub
  const connection = scene.open({
    places: new Map([['chat', { cursor: first.cursors('chat')[0] ?? 0, epoch: undefined }]]),
  })
  connection.session?.limit(2)
  scene.settle()
  ack(scene, connection)
  ack(scene, connection)
  deepEqual(connection.payloads('chat'), [2, 3, 4, 5, 6])
  equal((scene.engine().statistics().hub['recoveries'] ?? 0) - recoveries, 2)
})

test('what a client is ahead of holds nothing back for ever: it goes on behind a gap', () => {
  const scene = new Scene({ workers: 2, ownerOf: () => 1, ring: 3 })
  const connection = scene.connect()
  connection.session?.limit(1)
  scene.publish('chat', [1, 2, 3, 4, 5, 6], 1)
  deepEqual(connection.payloads('chat'), [1])
  scene.mesh.kill(1, { farewell: false })
  scene.mesh.start(1)
  scene.settle()
  ack(scene, connection)
  scene.publish('chat', [7], 1)
  for (let times = 0; times < 8; times++) ack(scene, connection)
  scene.publish('chat', [8], 1)
  ack(scene, connection)
  equal(connection.payloads('chat').at(-1), 8)
  ok(connection.said.some(({ op }) => op === 'resume_required'))
})

test('acknowledgements in a loop ask for so many histories and no more, and the rest comes in time', () => {
  const scene = new Scene({ ring: 500 })
  const connection = scene.connect()
  connection.session?.limit(1)
  const asked = () => scene.engine().statistics().hub['recoveries'] ?? 0
  const before = asked()
  for (let number = 0; number < 200; number++) {
    scene.publish('chat', [number, -number])
    ack(scene, connection)
    ack(scene, connection)
  }
  ok(asked() - before <= 70, `${asked() - before} histories`)
  for (let times = 0; times < 2_000 && connection.frames.length < 400; times++) {
    scene.mesh.advance(100)
    ack(scene, connection)
  }
  equal(connection.frames.length, 400)
  deepEqual(connection.said, [])
})

test('a client whose socket is full is sent nothing for an acknowledgement before it takes more', () => {
  const scene = new Scene()
  const connection = scene.connect()
  connection.session?.limit(1)
  connection.takes = false
  scene.publish('chat', [1, 2, 3])
  ack(scene, connection)
  deepEqual(connection.payloads('chat'), [1])
  connection.drain()
  scene.settle()
  deepEqual(connection.payloads('chat'), [1, 2])
})

test('a client that leaves while it is held back leaves no timer that finds it', () => {
  const scene = new Scene({ ring: 500 })
  const connection = scene.connect()
  connection.session?.limit(1)
  for (let number = 0; number < 100; number++) {
    scene.publish('chat', [number, -number])
    ack(scene, connection)
    ack(scene, connection)
  }
  connection.session?.leave()
  const { length } = connection.frames
  scene.mesh.advance(1_000)
  scene.settle()
  equal(connection.frames.length, length)
  equal(scene.subscribers(), 0)
})

test('a channel that is left and taken in a loop asks for so many histories, and then goes on when it may', () => {
  const scene = new Scene({ ring: 500 })
  const connection = scene.connect({ names: ['chat', 'news'] })
  scene.publish('chat', [0])
  const before = scene.engine().statistics().hub['recoveries'] ?? 0
  for (let times = 1; times <= 200; times++) {
    connection.session?.feed('chat')?.unsubscribe()
    scene.publish('chat', [times])
    connection.session?.subscribe(scene.channel('chat'))
    scene.settle()
  }
  const asked = (scene.engine().statistics().hub['recoveries'] ?? 0) - before
  ok(asked > 0 && asked <= 64, `${asked} histories`)
  ok(connection.session?.feed('chat')?.isOn)
  // A newcomer asks for none.
  connection.session?.limit(300)
  connection.session?.feed('news')?.unsubscribe()
  scene.mesh.advance(100)
  scene.settle()
  equal(connection.payloads('chat').length, 201)
  deepEqual(connection.said, [])
  connection.session?.feed('chat')?.unsubscribe()
  scene.mesh.advance(10_000)
  scene.publish('chat', [201])
  equal(connection.payloads('chat').length, 201)
})
