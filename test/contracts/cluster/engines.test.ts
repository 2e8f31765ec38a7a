// Whole engines, of two nodes with two workers each, joined over servers in memory: what subscribers see.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatPosition } from '../../../src/engine/words/position.ts'
import { MemoryCluster } from '../../helpers/cluster/memory-cluster.ts'
import { MemoryNode } from '../../helpers/cluster/memory-node.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { channelName, Mesh } from '../../helpers/mesh.ts'
import { publishAll, publishedOf, texts } from '../../helpers/published.ts'

const keep = { historySize: 20, historyTtlMs: 60_000, historyBytesMax: 1_000_000 }

class Scene {
  readonly clock = new FakeClock()
  readonly cluster: MemoryCluster
  readonly nodes: readonly MemoryNode[]
  readonly meshes: readonly [Mesh, Mesh]

  constructor(lanes = 1) {
    this.cluster = new MemoryCluster({ clock: this.clock, lanes })
    const [a, b] = ['a', 'b'].map(name => new MemoryNode(this.cluster, name, 2, keep)) as [
      MemoryNode,
      MemoryNode,
    ] // two names are two nodes
    this.nodes = [a, b]
    const history = { size: keep.historySize, ttlMs: keep.historyTtlMs }
    this.meshes = [new Mesh({ workers: 2, history, node: a }), new Mesh({ workers: 2, history, node: b })]
    this.settle()
  }

  settle(): void {
    for (let rounds = 0; rounds < 50; rounds++) for (const mesh of this.meshes) mesh.settle()
  }

  advance(ms: number): void {
    this.clock.advance(ms)
    for (const mesh of this.meshes) mesh.advance(ms)
    this.settle()
  }

  /** Until `heal`, nobody reaches the broker. */
  cut(): void {
    for (const carrier of this.cluster.carriers)
      for (let lane = 0; lane < carrier.lanes; lane++) {
        carrier.barred.add(lane)
        carrier.cut(lane)
      }
  }

  heal(): void {
    for (const carrier of this.cluster.carriers) {
      carrier.barred.clear()
      for (let lane = 0; lane < carrier.lanes; lane++) carrier.connect(lane)
    }
    this.settle()
  }

  publish(node: 0 | 1, slot: number, channel: string, wanted: readonly string[]): string[] {
    return wanted.map(text => {
      const outcomes = this.meshes[node].publish(slot, channel, text)
      this.settle()
      return formatPosition(publishedOf(outcomes))
    })
  }

  subscribe(node: 0 | 1, slot: number, channel: string, since?: string): FakeSubscriber {
    const subscriber = this.meshes[node].subscribe(slot, channel, new FakeSubscriber({ tells: true }), since)
    this.settle()
    return subscriber
  }

  /** On all workers of both nodes. */
  everywhere(channel: string): readonly FakeSubscriber[] {
    return ([0, 1] as const).flatMap(node => [0, 1].map(slot => this.subscribe(node, slot, channel)))
  }
}

for (const lanes of [1, 3]) {
  describe(`engines of two nodes over ${lanes} lanes`, () => {
    test('whoever subscribes anywhere gets what is published anywhere, in one order', () => {
      const scene = new Scene(lanes)
      const subscribers = scene.everywhere('c0')
      const wanted = texts(12)
      for (const [n, text] of wanted.entries()) scene.publish((n % 2) as 0 | 1, (n >> 1) % 2, 'c0', [text]) // 0 or 1
      for (const subscriber of subscribers) deepEqual(subscriber.received, wanted)
    })

    test('publishers at once on all workers get different places, and all see one order', () => {
      const scene = new Scene(lanes)
      const subscribers = scene.everywhere('c1')
      const outcomes = ([0, 1] as const).flatMap(node =>
        [0, 1].flatMap(slot =>
          texts(5).map(n => scene.meshes[node].publish(slot, 'c1', `${node}${slot}${n}`)),
        ),
      )
      scene.settle()
      const places = outcomes.map(each => publishedOf(each).offset)
      equal(new Set(places).size, 20)
      equal(Math.max(...places) - Math.min(...places), 19)
      const [first] = subscribers
      equal(first?.received.length, 20)
      for (const subscriber of subscribers) deepEqual(subscriber.received, first?.received)
    })

    test('who resumes on the other node gets what it missed, and no gap', () => {
      const scene = new Scene(lanes)
      const [, second] = scene.publish(0, 0, 'c0', ['a', 'b', 'c', 'd'])
      const resumed = scene.subscribe(1, 1, 'c0', second)
      equal(resumed.resumedWithGap, false)
      deepEqual(resumed.received, ['c', 'd'])
      scene.publish(0, 1, 'c0', ['e'])
      deepEqual(resumed.received, ['c', 'd', 'e'])
    })

    test('who comes with a place that its node has not heard of yet is told no gap', () => {
      const scene = new Scene(lanes)
      scene.subscribe(1, 0, 'c0')
      const [mesh] = scene.meshes
      const outcomes = mesh.publish(0, 'c0', 'a')
      // The other node stands still meanwhile.
      for (let turn = 0; turn < 50; turn++) mesh.settle()
      const resumed = scene.meshes[1].subscribe(
        1,
        'c0',
        new FakeSubscriber({ tells: true }),
        formatPosition(publishedOf(outcomes)),
      )
      scene.settle()
      equal(resumed.resumedWithGap, false)
      deepEqual(resumed.received, [])
      scene.publish(0, 0, 'c0', ['b'])
      deepEqual(resumed.received, ['b'])
    })

    test('an outage refuses publishes, keeps who is live, and ends with everything', () => {
      const scene = new Scene(lanes)
      const subscribers = scene.everywhere('c0')
      scene.publish(0, 0, 'c0', ['a'])
      scene.cut()
      const refused = scene.meshes[0].publish(1, 'c0', 'b')
      scene.settle()
      deepEqual(refused, ['broker-away'])
      const other = scene.nodes[1]?.carriers[0]
      scene.heal()
      ok(other?.connections.every(connection => connection !== undefined))
      scene.publish(1, 1, 'c0', ['c'])
      for (const subscriber of subscribers) {
        deepEqual(subscriber.received, ['a', 'c'])
        deepEqual([subscriber.gaps, subscriber.closedFor], [[], undefined])
      }
    })

    test('a node that was cut off is brought forward without a gap', () => {
      const scene = new Scene(lanes)
      const subscribers = scene.everywhere('c0')
      for (const carrier of scene.nodes[1]?.carriers ?? [])
        for (let lane = 0; lane < lanes; lane++) {
          carrier.barred.add(lane)
          carrier.cut(lane)
        }
      scene.publish(0, 0, 'c0', texts(10))
      deepEqual(subscribers[3]?.received, [])
      scene.heal()
      for (const subscriber of subscribers) deepEqual([subscriber.received, subscriber.gaps], [texts(10), []])
    })

    test('a broker that starts again without its past is a gap for everybody, once', () => {
      const scene = new Scene(lanes)
      const subscribers = scene.everywhere('c0')
      scene.publish(0, 0, 'c0', ['a'])
      scene.cut()
      for (const lane of scene.cluster.lanes) lane.restart('empty')
      scene.heal()
      scene.publish(1, 0, 'c0', ['b'])
      for (const subscriber of subscribers) {
        deepEqual(subscriber.received, ['a', 'b'])
        equal(subscriber.gaps.length, 1)
      }
    })

    test('a worker that dies silently loses nothing: its successor asks the broker', () => {
      const scene = new Scene(lanes)
      const subscriber = scene.subscribe(0, 1, 'c0')
      scene.publish(0, 1, 'c0', ['a'])
      scene.meshes[0].kill(0, { farewell: false })
      scene.publish(1, 0, 'c0', ['b', 'c'])
      scene.meshes[0].start(0)
      scene.settle()
      scene.publish(1, 0, 'c0', ['d'])
      deepEqual([subscriber.received, subscriber.gaps], [['a', 'b', 'c', 'd'], []])
    })

    test('a pattern hears of all channels on all nodes, once each', () => {
      const scene = new Scene(lanes)
      const subscriber = new FakeSubscriber({ tells: true })
      scene.meshes[0].engines[1]?.subscribePattern(channelName('c*'), subscriber, { via: 'test' })
      scene.settle()
      for (const channel of ['c0', 'c1', 'c2', 'c3']) {
        scene.publish(0, 0, channel, [`0${channel}`])
        scene.publish(1, 1, channel, [`1${channel}`])
      }
      const wanted = ['c0', 'c1', 'c2', 'c3'].flatMap(channel => [`0${channel}`, `1${channel}`])
      deepEqual(subscriber.received.toSorted(), wanted.toSorted())
    })

    test('whoever publishes is told of the subscribers of all nodes', () => {
      const scene = new Scene(lanes)
      scene.everywhere('c0')
      scene.advance(1_000)
      const outcomes = scene.meshes[0].publish(1, 'c0', 'a')
      scene.settle()
      equal(publishedOf(outcomes).subscribers, 4)
    })

    test('a key that was used on one node counts on the other', () => {
      const scene = new Scene(lanes)
      const subscriber = scene.subscribe(0, 0, 'c1')
      const places = ([0, 1] as const).map(node => {
        const outcomes = scene.meshes[node].publish(0, 'c1', `${node}`, { idempotencyKey: 'key' })
        scene.settle()
        return publishedOf(outcomes)
      })
      equal(places[1]?.duplicate, true)
      equal(places[1]?.offset, places[0]?.offset)
      deepEqual(subscriber.received, ['0'])
    })

    test('publishing where nobody reads makes no record on the node', () => {
      const scene = new Scene(lanes)
      const [mesh] = scene.meshes
      for (const n of texts(50)) publishAll(mesh, 0, `c${n}`, ['x'])
      for (const broker of scene.nodes[0]?.brokers ?? []) {
        const {
          'broker.followed': followed,
          'broker.lingering': lingering,
          historyBytes,
        } = broker.statistics()
        deepEqual([followed, lingering, historyBytes], [0, 0, 0])
      }
    })
  })
}
