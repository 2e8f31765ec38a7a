// What one request holds, against the engine: its subscriptions stay while its origin is asked again, and nothing is lost.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { content, holdOf, itemWith, response } from './given-hold.ts'
import { channel, HoldScene } from './given-holding.ts'

const hint = itemWith({ response: { action: 'hint' } })

let scene: HoldScene
beforeEach(() => {
  scene = new HoldScene()
})

describe('a long poll', () => {
  test('is answered by what is published once its channels are live', () => {
    scene.poll({})
    scene.publish(response('one'))
    deepEqual(scene.heard, ['answer one'])
  })

  test('has what was published while its origin was asked again', () => {
    scene.poll({})
    scene.publish(hint)
    scene.publish(response('meanwhile'))
    deepEqual(scene.heard, ['again now'])
    scene.poll({})
    deepEqual(scene.heard, ['answer meanwhile'])
  })

  test('leaves channels that it is not to hold any more, and keeps the others without a break', () => {
    scene.poll({ name: 'a' }, { name: 'b' })
    const subscribers = () => scene.mesh.engines[0]?.statistics().hub['subscribers']
    equal(subscribers(), 2)
    scene.publish(hint, 'a')
    scene.publish(response('of b'), 'b')
    scene.poll({ name: 'b' }, { name: 'c' })
    deepEqual(scene.heard, ['again now', 'answer of b'])
    scene.holding.leave()
    equal(subscribers(), 0)
  })

  test('that is asked again does not take the place that it began at for the one where the channel is', () => {
    scene.mesh.subscribe(1, 'a')
    scene.publish(response('', { id: '1' }))
    scene.poll({ prevId: '1' })
    scene.publish({ ...hint, id: '2', prevId: '1' })
    deepEqual(scene.heard, ['again now'])
    scene.poll({ prevId: '2' })
    deepEqual(scene.heard, [], 'and not once more, again and again')
    scene.publish(response('three', { id: '3', prevId: '2' }))
    deepEqual(scene.heard, ['answer three'])
  })

  test('drops what its origin knew when it was asked again, and asks once more for what is missing', () => {
    scene.poll({ prevId: '1' })
    scene.publish(hint)
    scene.publish(response('2', { id: '2', prevId: '1' }))
    scene.publish(response('3', { id: '3', prevId: '2' }))
    scene.poll({ prevId: '3' })
    deepEqual(scene.heard, ['again now'])
    scene.publish(hint)
    scene.publish(response('5', { id: '5', prevId: '4' }))
    scene.mesh.clock.advance(6_000)
    scene.mesh.settle()
    scene.poll({ prevId: '3' })
    deepEqual(scene.heard, ['again now', 'again soon'])
  })

  test('is looked at anew when ids are forgotten, once', () => {
    scene.mesh.subscribe(1, 'a')
    scene.publish(response('', { id: '1' }))
    scene.poll({ prevId: '1' })
    scene.mesh.engines[0]?.forgetLastIds()
    scene.holding.recover()
    deepEqual(scene.heard, ['again soon'])
    scene.poll({ prevId: '7' })
    deepEqual(scene.heard, [])
  })

  test('whose origin is asked too long is cut, for he would miss something', () => {
    scene.poll({})
    scene.publish(hint)
    for (let count = 0; count <= 100; count++) scene.publish(content('x'))
    deepEqual(scene.heard.slice(0, 2), ['again now', 'torn'])
  })

  test('is answered as stored where the node stops', () => {
    scene.poll({})
    scene.mesh.engines[0]?.drain(0)
    deepEqual(scene.heard, ['answer'])
  })

  test('is lost where the node stops while its origin is asked', () => {
    scene.poll({})
    scene.publish(hint)
    scene.mesh.engines[0]?.drain(0)
    deepEqual(scene.heard, ['again now', 'lost'])
  })

  test('is refused where the node stops, and holds nothing', () => {
    scene.mesh.engines[0]?.drain(0)
    equal(scene.holding.join(holdOf({ mode: 'response', channels: [channel({})] })), 'draining')
    deepEqual(scene.holding.channels, [])
  })

  test('of no channel needs nobody', () => {
    scene.poll()
    deepEqual(scene.told, ['joined'])
    scene.mesh.clock.advance(55_000)
    deepEqual(scene.heard, ['answer'])
  })
})

describe('a stream', () => {
  test('has its items behind its first page, which follows its channels', () => {
    scene.stream({})
    scene.publish(content('one;'))
    deepEqual(scene.response.written, ['raw:4\r\none;\r\n'])
  })

  test('asks for its page once where it is not where the channel is, and items wait for that', () => {
    scene.mesh.subscribe(1, 'a')
    scene.publish(content('', { id: '2' }))
    scene.stream({ prevId: '1' })
    deepEqual(scene.heard, ['fetch soon'])
    scene.publish(content('3;', { id: '3', prevId: '2' }))
    deepEqual(scene.response.written, [])
    deepEqual(scene.heard, [])
  })

  test('that was behind has what waited for it as soon as it takes more', () => {
    scene.stream({})
    scene.response.isWritable = false
    scene.publish(content('one;'))
    scene.publish(content('two;'))
    scene.publish(content('three;'))
    deepEqual(scene.heard, ['behind'])
    deepEqual(scene.response.written, ['raw:4\r\none;\r\n'])
    scene.response.isWritable = true
    scene.holding.drained()
    scene.mesh.settle()
    deepEqual(scene.response.written.slice(1), ['raw:4\r\ntwo;\r\n6\r\nthree;\r\n'])
  })

  test('ends in order where the node stops', () => {
    scene.stream({})
    scene.mesh.engines[0]?.drain(0)
    deepEqual(scene.heard, ['ended'])
    deepEqual(scene.response.written, ['END'])
  })

  test('hears nothing once it was left', () => {
    scene.stream({})
    scene.holding.leave()
    scene.publish(content('one;'))
    scene.holding.recover()
    scene.holding.drained()
    deepEqual(scene.response.written, [])
    deepEqual(scene.heard, [])
  })
})
