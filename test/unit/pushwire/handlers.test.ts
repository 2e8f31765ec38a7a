import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { handlersOf } from '../../helpers/pushwire/handlers.ts'
import { Scene } from '../../helpers/pushwire/scene.ts'

function stage(channels: ConstructorParameters<typeof Scene>[0]) {
  const scene = new Scene(channels)
  const connection = scene.connect({ names: [] })
  const counters = { framesPublished: 0, framesRefused: 0, ordersRefused: 0 }
  const handlers = handlersOf(scene, counters)
  const { session } = connection
  if (session === undefined) throw new Error('it was not let in')
  const sender = {
    session,
    say: connection.say.bind(connection),
    refused: undefined as Set<string> | undefined,
    queues: undefined,
  }
  const frame = (name: string, payload = '1') => {
    handlers.frame(sender, name, payload)
    scene.settle()
  }
  return { scene, connection, counters, sender, frame }
}

test('a channel that takes no frames says so once, a pattern once for all of its channels', () => {
  const { connection, counters, sender, frame } = stage({
    channels: [
      { name: 'system', system: true },
      { name: 'quiet', handler: 'none' },
      { name: 'room.*', handler: 'none' },
    ],
  })
  for (let number = 0; number < 100; number++) {
    frame('quiet')
    frame(`room.${number}`)
  }
  equal(connection.said.length, 2)
  equal(sender.refused?.size, 2)
  equal(counters.framesRefused, 200)
})

test('a frame is published as its client wrote it, and an unknown channel is told each time', () => {
  const { scene, connection, counters, frame } = stage({})
  const other = scene.connect({ clientId: '00112233-4455-4677-8899-aabbccddeeff' })
  frame('chat', '{"b":1.50,"a":123456789012345678901}')
  deepEqual(other.frames[0], { ...other.frames[0], channel: 'chat' })
  equal(counters.framesPublished, 1)
  frame('nothing')
  frame('nothing')
  deepEqual(
    connection.said.map(said => 'code' in said && said.code),
    ['unknown_channel', 'unknown_channel'],
  )
})

test('a frame that cannot go where its channel leads says nothing of that place', () => {
  const channels = [
    { name: 'system', system: true },
    { name: 'inbox', handler: 'publish', to: 'internal.{client_id}' },
    { name: 'chat', handler: 'broadcast' },
  ] as const
  const { scene, connection, frame } = stage({ channels })
  scene.engine().seal()
  frame('inbox')
  frame('chat')
  deepEqual(
    connection.said.map(said => 'message' in said && said.message),
    ['stopping', 'stopping'],
  )
})
