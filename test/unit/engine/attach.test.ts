// Law 1: a subscriber goes live exactly when the owner's answer is processed, on three engines joined by links that the
// test moves.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Mesh } from '../../helpers/mesh.ts'
import { publishedOf } from '../../helpers/published.ts'

describe('law 1, attach', () => {
  test('a subscriber goes live when the answer of the owner is processed, and gets all that follows', () => {
    const mesh = new Mesh()
    const subscriber = mesh.subscribe(1, 'c0')
    mesh.turn()
    equal(subscriber.position, undefined)
    mesh.publish(0, 'c0', 'before the owner knows')
    mesh.deliver(1, 0)
    mesh.publish(0, 'c0', 'after the owner knows')
    mesh.settle()
    ok(subscriber.position)
    deepEqual(subscriber.received, ['after the owner knows'])
  })

  test('the hub attaches once per channel, and later subscribers go live at once', () => {
    const mesh = new Mesh()
    mesh.subscribe(1, 'c0')
    mesh.settle()
    const messages = mesh.link(1, 0).queued.length
    const second = mesh.subscribe(1, 'c0')
    ok(second.position)
    equal(mesh.link(1, 0).queued.length, messages)
  })

  test('whoever comes later begins where the hub is: what the link has not brought yet comes too, once and in order', () => {
    const mesh = new Mesh()
    const first = mesh.subscribe(1, 'c0')
    mesh.settle()
    const acknowledged = ['a', 'b'].map(text => publishedOf(mesh.publish(0, 'c0', text)))
    const later = mesh.subscribe(1, 'c0')
    equal(later.position?.offset, Number(acknowledged[0]?.offset) - 1)
    publishedOf(mesh.publish(0, 'c0', 'c'))
    mesh.settle()
    for (const { received } of [first, later]) deepEqual(received, ['a', 'b', 'c'])
  })

  test('whoever comes first to a worker, or to the one that owns the channel, gets nothing that was acknowledged before', () => {
    const mesh = new Mesh()
    mesh.subscribe(0, 'c0')
    mesh.settle()
    publishedOf(mesh.publish(0, 'c0', 'before'))
    const subscribers = [0, 1].map(slot => mesh.subscribe(slot, 'c0'))
    mesh.turn(1)
    mesh.deliver(1, 0)
    publishedOf(mesh.publish(0, 'c0', 'after'))
    mesh.settle()
    for (const { received } of subscribers) deepEqual(received, ['after'])
  })

  test('an answer to an attach that was given up does not make a later one live', () => {
    const mesh = new Mesh()
    const first = mesh.subscribe(1, 'c0')
    mesh.turn()
    mesh.deliver(1, 0)
    mesh.engines[1]?.unsubscribe(first.subscription!) // set by subscribe
    const second = mesh.subscribe(1, 'c0')
    mesh.turn()
    mesh.deliver(0, 1)
    equal(second.position, undefined)
    mesh.publish(0, 'c0', 'x')
    mesh.settle()
    deepEqual([second.received.length <= 1, second.position !== undefined], [true, true])
    mesh.publish(0, 'c0', 'y')
    mesh.settle()
    equal(second.received.at(-1), 'y')
  })
})
