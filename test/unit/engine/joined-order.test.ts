// Law 16 where nodes are joined: one chain, whichever nodes its publications come to.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SequencerLimits } from '../../../src/engine/owner/sequencing.ts'
import type { PublishOutcome } from '../../../src/engine/router.ts'
import type { Sequence } from '../../../src/engine/words/sequence.ts'
import type { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { Joint } from '../../helpers/joint.ts'
import { JointNode } from '../../helpers/joint-node.ts'
import { Mesh } from '../../helpers/mesh.ts'

class Scene {
  readonly joint = new Joint()
  readonly nodes = [new JointNode(this.joint), new JointNode(this.joint)] as const
  readonly a: Mesh
  readonly b: Mesh

  constructor(sequencing: Partial<SequencerLimits> = {}) {
    this.a = new Mesh({ workers: 2, node: this.nodes[0], history: { size: 100 }, sequencing })
    this.b = new Mesh({ workers: 2, node: this.nodes[1], history: { size: 100 }, sequencing })
  }

  subscribe(mesh: Mesh): FakeSubscriber {
    const subscriber = mesh.subscribe(1, 'c0')
    this.settle()
    return subscriber
  }

  settle(): void {
    this.joint.settle(this.a, this.b)
  }

  /** Brokers answer within each step. */
  advance(ms: number): void {
    for (let left = ms; left > 0; left -= 50) {
      for (const mesh of [this.a, this.b]) mesh.advance(Math.min(50, left))
      this.settle()
    }
  }

  /** What becomes of it; the text is its id. */
  publish(mesh: Mesh, id: string, after?: string, more: Partial<Sequence> = {}): string {
    const outcomes = this.send(mesh, id, after, more)
    this.settle()
    return fateOf(outcomes)
  }

  send(mesh: Mesh, id: string, after?: string, more: Partial<Sequence> = {}): PublishOutcome[] {
    return mesh.publish(1, 'c0', id, { sequence: { id, ...(after !== undefined && { after }), ...more } })
  }
}

function fateOf([outcome, more]: readonly PublishOutcome[]): string {
  if (outcome === undefined || more !== undefined) throw new Error('one answer was expected')
  if (typeof outcome === 'string') return outcome
  return 'fate' in outcome ? outcome.fate : 'placed'
}

describe('law 16, a chain over nodes', () => {
  test('is kept where it is published alternately, and out of order', () => {
    const scene = new Scene()
    const [here, there] = [scene.subscribe(scene.a), scene.subscribe(scene.b)]
    deepEqual(
      [
        scene.publish(scene.a, '1', '0'),
        scene.publish(scene.b, '2', '1'),
        scene.publish(scene.a, '4', '3'),
        scene.publish(scene.b, '5', '4'),
        scene.publish(scene.b, '3', '2'),
      ],
      ['placed', 'placed', 'held', 'held', 'placed'],
    )
    deepEqual([here.received.join(''), there.received.join('')], ['12345', '12345'])
  })

  test('is kept among what is under way at once', () => {
    const scene = new Scene()
    const there = scene.subscribe(scene.b)
    const all = [scene.send(scene.a, '1', '0'), scene.send(scene.a, '2', '1'), scene.send(scene.a, '3', '2')]
    scene.settle()
    deepEqual([all.map(fateOf), there.received.join('')], [['placed', 'placed', 'placed'], '123'])
  })

  test('is kept by a node where nobody subscribes, within a short while', () => {
    const scene = new Scene()
    const there = scene.subscribe(scene.b)
    scene.publish(scene.b, '1')
    scene.publish(scene.a, '3', '2')
    scene.publish(scene.a, '4', '3')
    scene.publish(scene.b, '2', '1')
    equal(there.received.join(''), '12')
    scene.advance(250)
    equal(there.received.join(''), '1234')
  })

  test('does not wait for what does not come', () => {
    const scene = new Scene()
    const there = scene.subscribe(scene.b)
    scene.publish(scene.b, '1')
    equal(scene.publish(scene.a, '3', '2'), 'held')
    scene.advance(4_900)
    equal(there.received.join(''), '1')
    scene.advance(300)
    equal(there.received.join(''), '13')
    equal(scene.publish(scene.b, '4', '3'), 'placed')
    equal(scene.a.engines[0]?.statistics().shard['draftsLate'], 1)
  })

  test('what stands beside it is never held, and nothing follows it', () => {
    const scene = new Scene()
    scene.subscribe(scene.b)
    scene.publish(scene.b, '1')
    equal(scene.publish(scene.a, 'x', '7', { isLoose: true }), 'placed')
    equal(scene.publish(scene.a, '2', '1'), 'placed')
  })

  test('an id is published once, whichever node it comes to, for a minute', () => {
    const scene = new Scene()
    const there = scene.subscribe(scene.b)
    deepEqual([scene.publish(scene.a, '1'), scene.publish(scene.b, '1')], ['placed', 'dropped'])
    equal(scene.publish(scene.a, '1'), 'dropped')
    scene.advance(59_000)
    equal(scene.publish(scene.b, '1'), 'dropped')
    scene.advance(2_000)
    equal(scene.publish(scene.b, '1'), 'placed')
    equal(there.received.join(''), '11')
  })

  test('a library that publishes to all nodes publishes once', () => {
    const scene = new Scene()
    const both = [scene.subscribe(scene.a), scene.subscribe(scene.b)]
    scene.publish(scene.a, '1', '0')
    for (const [id, after] of [
      ['3', '2'],
      ['2', '1'],
    ] as const)
      for (const mesh of [scene.a, scene.b]) scene.publish(mesh, id, after)
    scene.advance(500)
    deepEqual(
      both.map(({ received }) => received.join('')),
      ['123', '123'],
    )
    scene.advance(10_000)
    deepEqual(both[0]?.received.join(''), '123')
    equal(scene.b.engines[0]?.statistics().shard['heldDrafts'], 0)
  })

  test('who goes live is told the last one, wherever that was published', () => {
    const scene = new Scene()
    const here = scene.subscribe(scene.a)
    scene.publish(scene.a, '1')
    scene.publish(scene.b, '2', '1')
    const [joins, there] = [scene.subscribe(scene.a), scene.subscribe(scene.b)]
    deepEqual([here.lastId, joins.lastId, there.lastId], [undefined, '2', '2'])
  })

  test('what is refused may be tried again, and what is held outlasts an outage', () => {
    const scene = new Scene()
    const there = scene.subscribe(scene.b)
    scene.publish(scene.b, '1')
    equal(scene.publish(scene.a, '3', '2'), 'held')
    scene.nodes[0].broker(0).cut()
    equal(scene.publish(scene.a, '2', '1'), 'broker-away')
    scene.advance(20_000)
    equal(there.received.join(''), '1')
    scene.nodes[0].broker(0).mend()
    equal(scene.publish(scene.a, '2', '1'), 'placed')
    scene.advance(250)
    equal(there.received.join(''), '123')
  })

  test('beyond the bound of a channel the one that waited longest goes on', () => {
    const scene = new Scene({ heldMax: 2 })
    const there = scene.subscribe(scene.b)
    scene.publish(scene.b, '1')
    deepEqual(
      ['3', '5', '7'].map(id => scene.publish(scene.a, id, `${Number(id) - 1}`)),
      ['held', 'held', 'held'],
    )
    equal(there.received.join(''), '13')
    equal(scene.a.engines[0]?.statistics().shard['heldDrafts'], 2)
  })

  test('while the broker takes none of them, twice as many are held, and more are refused', () => {
    const scene = new Scene({ heldMax: 2 })
    scene.subscribe(scene.b)
    scene.publish(scene.b, '1')
    const broker = scene.nodes[0].broker(0)
    const all = ['3', '5', '7', '9', '11'].map(id => scene.send(scene.a, id, `${Number(id) - 1}`))
    broker.isHeld = true
    scene.settle()
    broker.release()
    scene.settle()
    deepEqual(all.map(fateOf), ['held', 'held', 'held', 'held', 'overloaded'])
  })

  test('beyond the bound of a worker more are refused, and may be tried again', () => {
    const scene = new Scene({ heldBytesMax: 250 })
    scene.subscribe(scene.b)
    scene.publish(scene.b, '1')
    const fates = ['3', '5'].map(id => scene.publish(scene.a, id, `${Number(id) - 1}`))
    deepEqual(fates, ['held', 'overloaded'])
    scene.advance(6_000)
    equal(scene.publish(scene.a, '5', '3'), 'placed')
  })

  test('of two that wait for the same the second is dropped', () => {
    const scene = new Scene()
    scene.subscribe(scene.b)
    scene.publish(scene.b, '1')
    const [first, second] = [scene.send(scene.a, '3', '2'), scene.send(scene.a, '3b', '2')]
    scene.settle()
    deepEqual(
      [fateOf(first), fateOf(second), scene.publish(scene.a, '3c', '2')],
      ['held', 'dropped', 'dropped'],
    )
  })

  test('the next owner takes what is held, and nothing comes twice of what was under way', () => {
    const scene = new Scene()
    const there = scene.subscribe(scene.b)
    scene.publish(scene.b, '1')
    scene.publish(scene.a, '3', '2')
    scene.publish(scene.a, '5', '4')
    const old = scene.a.engines[0]!
    // The broker is asked again, and its answer never comes.
    scene.publish(scene.b, '2', '1')
    scene.nodes[0].broker(0).isHeld = true
    scene.a.advance(250)
    scene.a.retire(0)
    const left = old.snapshot()
    scene.a.end(0)
    scene.a.start(0, left)
    scene.settle()
    equal(there.received.join(''), '123')
    scene.advance(6_000)
    equal(there.received.join(''), '1235')
    equal(scene.a.engines[0]?.statistics().shard['heldDrafts'], 0)
  })

  test('a node that stops gives a place to what it holds, and waits for that', () => {
    const scene = new Scene()
    const there = scene.subscribe(scene.b)
    scene.publish(scene.b, '1')
    scene.publish(scene.a, '3', '2')
    scene.publish(scene.a, '5', '4')
    const engine = scene.a.engines[0]!
    scene.nodes[0].broker(0).cut()
    engine.seal()
    scene.settle()
    equal(engine.pending, 2)
    scene.nodes[0].broker(0).mend()
    scene.advance(250)
    deepEqual([engine.pending, there.received.join('')], [0, '135'])
  })

  test('that is to be begun anew may, at the node that was told so', () => {
    const scene = new Scene()
    scene.subscribe(scene.b)
    scene.publish(scene.b, '1')
    for (const engine of scene.a.engines) engine?.forgetLastIds()
    equal(scene.publish(scene.a, '7', '6'), 'placed')
    equal(scene.publish(scene.b, '8', '7'), 'placed')
    scene.advance(6_000)
    equal(scene.publish(scene.a, '10', '9'), 'held')
  })
})
