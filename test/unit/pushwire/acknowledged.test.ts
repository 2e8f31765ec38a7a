import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { cursorOf } from '../../../src/frontends/pushwire/wire/cursors.ts'
import { Scene } from '../../helpers/pushwire/scene.ts'

/** A scene that notes what an owner is asked to let go of. */
function stage() {
  const scene = new Scene()
  const trimmed: number[] = []
  Object.assign(scene.engine(), { trim: (_channel: string, through: number) => void trimmed.push(through) })
  return { scene, trimmed }
}

test('in client scope an owner is told of what is processed, once, and of nothing that was not sent', () => {
  const { scene, trimmed } = stage()
  const connection = scene.connect({ names: ['chat', 'data'] })
  scene.publish('data', ['a', 'b', 'c'])
  scene.publish('chat', [1])
  const [first = 0, second = 0, third = 0] = connection.cursors('data')
  const ack = (cursor: number, name = 'data') => connection.session?.acked(scene.channel(name), cursor)
  for (let times = 0; times < 100; times++) ack(second)
  ack(first)
  ack(0)
  ack(third + 1_000)
  ack(third + 2_000)
  ack(connection.cursors('chat')[0] ?? 0, 'chat')
  deepEqual(trimmed, [second, third])
})

test('a cursor of another lap is of a numbering that is over', () => {
  const { scene, trimmed } = stage()
  const first = scene.connect({ names: ['data'] })
  scene.publish('data', ['a'])
  const ahead = (first.cursors('data')[0] ?? 0) + 1_000_000
  const connection = scene.connect({
    names: ['data'],
    places: new Map([['data', { cursor: ahead, epoch: undefined }]]),
  })
  scene.publish('data', ['b'])
  const [cursor = 0] = connection.cursors('data').slice(-1)
  connection.session?.acked(scene.channel('data'), ahead)
  connection.session?.acked(scene.channel('data'), cursorOf(3, 5))
  deepEqual(trimmed, [cursor - cursorOf(1, 0)])
})
