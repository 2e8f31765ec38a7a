// Law 7 where nodes are joined: a numbering that goes on elsewhere is nothing to whoever has everything, and a gap to all others.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatPosition, type Position, parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { Joint } from '../../helpers/joint.ts'
import { JointNode } from '../../helpers/joint-node.ts'
import { Mesh, type MeshOptions } from '../../helpers/mesh.ts'
import { publishAll, publishedOf } from '../../helpers/published.ts'

class Scene {
  readonly joint = new Joint()
  readonly node = new JointNode(this.joint)
  readonly mesh: Mesh

  constructor(options: MeshOptions = {}) {
    this.mesh = new Mesh({ node: this.node, history: { size: 10 }, ...options })
  }

  /** Of workers 0, which owns the channel, and 1. */
  crowd(): FakeSubscriber[] {
    const crowd = [0, 1, 1].map(slot => this.mesh.subscribe(slot, 'c0', new FakeSubscriber({ tells: true })))
    this.mesh.settle()
    return crowd
  }

  renumber(): void {
    this.joint.renumber('c0', true)
  }
}

function gapsOf(crowd: readonly FakeSubscriber[]): number[] {
  return crowd.map(({ gaps }) => gaps.length)
}

describe('law 7, a numbering that goes on elsewhere', () => {
  test('is nothing to subscribers that have everything, wherever they are', () => {
    const scene = new Scene()
    const crowd = scene.crowd()
    const [before = ''] = publishAll(scene.mesh, 1, 'c0', ['a'])
    scene.renumber()
    const [after = ''] = publishAll(scene.mesh, 1, 'c0', ['b'])
    deepEqual(
      crowd.map(({ received }) => received),
      crowd.map(() => ['a', 'b']),
    )
    deepEqual(gapsOf(crowd), [0, 0, 0])
    equal(before.split('.')[0] === after.split('.')[0], false)
    // Each worker's hub is in the new numbering: what it holds can be resumed from, and the old cannot.
    for (const slot of [0, 1]) {
      const fresh = scene.mesh.subscribe(slot, 'c0', new FakeSubscriber(), after)
      const old = scene.mesh.subscribe(slot, 'c0', new FakeSubscriber(), before)
      scene.mesh.settle()
      deepEqual([fresh.resumedWithGap, old.resumedWithGap], [false, true])
      equal(fresh.position && formatPosition(fresh.position), after)
    }
  })

  test('comes behind what was published in the same turn, and whoever takes that misses nothing', () => {
    const scene = new Scene({ settings: { sliceSubscribers: 1, flushBytesMax: 3 } })
    const crowd = scene.crowd()
    for (const text of ['a', 'b', 'c']) scene.mesh.publish(0, 'c0', text)
    scene.renumber()
    scene.mesh.publish(0, 'c0', 'd')
    scene.mesh.settle()
    deepEqual(
      crowd.map(({ received }) => received.join('')),
      ['abcd', 'abcd', 'abcd'],
    )
    deepEqual(gapsOf(crowd), [0, 0, 0])
  })

  test('is a gap to those whose wire does not take what they lack, and to them alone', () => {
    const scene = new Scene()
    const crowd = scene.crowd()
    const slow = crowd[1]!
    slow.writable = false
    publishAll(scene.mesh, 0, 'c0', ['a', 'b'])
    scene.renumber()
    publishAll(scene.mesh, 0, 'c0', ['c'])
    slow.writable = true
    scene.mesh.engines[1]?.drained(slow)
    scene.mesh.settle()
    deepEqual(
      crowd.map(({ received }) => received.join('')),
      ['abc', 'ac', 'abc'],
    )
    deepEqual(gapsOf(crowd), [0, 1, 0])
    // One that took everything and is only blocked lacks nothing.
    const full = crowd[2]!
    full.writable = false
    publishAll(scene.mesh, 0, 'c0', ['d'])
    scene.renumber()
    publishAll(scene.mesh, 0, 'c0', ['e'])
    full.writable = true
    scene.mesh.engines[1]?.drained(full)
    scene.mesh.settle()
    deepEqual([full.received.join(''), full.gaps.length], ['abcde', 0])
  })

  test('is told to whoever counts; where that cannot be said, as a gap', () => {
    for (const isSaid of [true, false]) {
      const scene = new Scene()
      const told: string[] = []
      class Counting extends FakeSubscriber {
        renumbered(position: Position) {
          told.push(formatPosition(position))
          return isSaid
        }
      }
      const subscriber = scene.mesh.subscribe(1, 'c0', new Counting({ tells: true }))
      scene.mesh.settle()
      publishAll(scene.mesh, 0, 'c0', ['a'])
      scene.renumber()
      const { epoch, offset } = publishedOf(publishOne(scene, 'b'))
      deepEqual(told, [`${epoch}.${offset - 1}`])
      deepEqual(subscriber.gaps.map(formatPosition), isSaid ? [] : told)
      deepEqual(subscriber.received, ['a', 'b'])
    }
  })

  test('is a gap to a hub that is owed something, and to one that has another place', () => {
    const scene = new Scene({ settings: { linkBytesMax: 100 } })
    const crowd = scene.crowd()
    for (const text of ['a', 'b', 'c'].map(text => text.padEnd(60, text))) scene.mesh.publish(0, 'c0', text)
    // The owner is told all of it, and its link takes only the first.
    scene.mesh.turn(0)
    scene.renumber()
    scene.mesh.turn(0)
    publishAll(scene.mesh, 0, 'c0', ['d'])
    deepEqual(gapsOf(crowd), [0, 1, 1])
    deepEqual(
      crowd.map(({ received }) => received.at(-1)),
      ['d', 'd', 'd'],
    )
    scene.mesh.engines[1]?.receive(0, [['renumbered', 'c0', 'x', 7, 'y', 70]])
    deepEqual(gapsOf(crowd), [0, 2, 2])
    deepEqual(crowd[1]?.gaps.at(-1), { epoch: parseEpoch('y'), offset: parseOffset(69) })
  })

  test('between the farewell of an owner and its successor is a gap, and none is lost', () => {
    const scene = new Scene()
    const crowd = scene.crowd().slice(1)
    publishAll(scene.mesh, 1, 'c0', ['a'])
    scene.mesh.kill(0)
    scene.renumber()
    scene.mesh.start(0)
    scene.mesh.settle()
    publishAll(scene.mesh, 1, 'c0', ['b'])
    deepEqual(
      crowd.map(({ received, gaps }) => [received.join(''), gaps.length]),
      [
        ['ab', 1],
        ['ab', 1],
      ],
    )
  })

  test('before the farewell is nothing: hub and successor speak of the new one', () => {
    const scene = new Scene()
    const crowd = scene.crowd().slice(1)
    publishAll(scene.mesh, 1, 'c0', ['a'])
    scene.renumber()
    scene.mesh.settle()
    scene.mesh.kill(0)
    scene.mesh.start(0)
    scene.mesh.settle()
    publishAll(scene.mesh, 1, 'c0', ['b'])
    deepEqual(
      crowd.map(({ received, gaps }) => [received.join(''), gaps.length]),
      [
        ['ab', 0],
        ['ab', 0],
      ],
    )
  })

  test('of which nobody knows whether it is whole is a gap to all', () => {
    const scene = new Scene()
    const crowd = scene.crowd()
    publishAll(scene.mesh, 1, 'c0', ['a'])
    scene.joint.renumber('c0', false)
    publishAll(scene.mesh, 1, 'c0', ['b'])
    deepEqual(gapsOf(crowd), [1, 1, 1])
  })
})

function publishOne(scene: Scene, text: string) {
  const outcomes = scene.mesh.publish(0, 'c0', text)
  scene.mesh.settle()
  return outcomes
}
