// What is published to a group of private channels on one node of several (law 19): every channel that somebody reads on any
// of them gets it once, in the order of its publisher, or is told a gap.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { privateChannel } from '../../../src/engine/words/private.ts'
import { GroupScene, group } from '../../helpers/cluster/group-scene.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { publishedOf } from '../../helpers/published.ts'

function gapsOf({ gaps }: FakeSubscriber): number {
  return gaps.length
}

describe('what is published to a group on one of two nodes', () => {
  test('is with every channel that somebody reads on any of them, once', () => {
    const scene = new GroupScene()
    const readers = [0, 1].flatMap(node =>
      [0, 1].flatMap(slot => ['k', 'l'].map((key, n) => scene.watch(node, slot, `${key}${node}${slot}${n}`))),
    )
    scene.each(0, 0, 'a')
    scene.each(1, 1, 'b')
    scene.settle()
    scene.advance(1_000)
    for (const { received } of readers) deepEqual([...received].sort(), ['a', 'b'])
  })

  test('is counted for the channels of the node that takes it', () => {
    const scene = new GroupScene()
    for (const key of ['k0', 'k1', 'k2']) scene.watch(0, 1, key)
    scene.watch(1, 0, 'k3')
    const outcomes = scene.each(0, 0, 'a')
    const others = scene.each(0, 1, 'b', 'k1')
    scene.settle()
    deepEqual([outcomes, others], [[{ channels: 3, workersMissed: 0 }], [{ channels: 2, workersMissed: 0 }]])
  })

  test('comes once to a channel that both nodes have, and passes by the one that it is not for', () => {
    const scene = new GroupScene()
    const readers = [scene.watch(0, 0, 'k0'), scene.watch(1, 1, 'k0'), scene.watch(1, 0, 'k1')]
    scene.each(0, 1, 'a')
    scene.each(0, 1, 'b', 'k1')
    scene.settle()
    deepEqual(
      readers.map(({ received }) => received),
      [['a', 'b'], ['a', 'b'], ['a']],
    )
  })

  test('keeps the order of its publisher in every channel, however many they are', () => {
    const scene = new GroupScene()
    const readers = Array.from({ length: 500 }, (_, n) => {
      const subscriber = new FakeSubscriber({ tells: true, rest: true })
      return scene
        .mesh(n % 2)
        .subscribeTo(n % 3 === 0 ? 0 : 1, privateChannel(group, `k${n >> 1}`), subscriber)
    })
    scene.settle()
    const wanted = Array.from({ length: 10 }, (_, n) => `${n}`)
    for (const text of wanted) scene.each(0, 1, text)
    scene.settle()
    for (const { received, gaps } of readers) deepEqual([received, gaps], [wanted, []])
  })

  test('is there for a client that was away meanwhile and comes back at the other node', () => {
    const scene = new GroupScene()
    const first = scene.watch(0, 0, 'k0')
    const stays = scene.watch(1, 1, 'k0')
    scene.each(1, 1, 'a')
    scene.settle()
    const { epoch, offset } = first.position ?? {}
    const again = scene.watch(1, 0, 'k0', `${epoch}.${offset}`)
    deepEqual(
      [first.received, stays.received, again.received, again.resumedWithGap],
      [['a'], ['a'], ['a'], false],
    )
  })

  test('costs nothing where nobody is of the group', () => {
    const scene = new GroupScene()
    scene.watch(0, 0, 'k0')
    const before = scene.nodes[1]?.carriers.map(carrier => carrier.statistics())
    for (let n = 0; n < 10; n++) scene.each(0, 0, `${n}`)
    scene.settle()
    deepEqual(
      scene.nodes[1]?.carriers.map(carrier => carrier.statistics()),
      before,
    )
    equal(scene.counted(1, 'eachEntries'), 0)
    for (const broker of scene.nodes[1]?.brokers ?? []) equal(broker.statistics()['broker.followed'], 0)
  })

  test('is followed no longer once the last one has left', () => {
    const scene = new GroupScene()
    const { subscription } = scene.watch(0, 0, 'k0')
    ok(subscription)
    scene.mesh(0).engines[0]?.unsubscribe(subscription)
    scene.advance(40_000)
    scene.each(1, 0, 'a')
    scene.settle()
    for (const broker of scene.nodes[0]?.brokers ?? []) equal(broker.statistics()['broker.followed'], 0)
    const again = scene.watch(0, 0, 'k0')
    scene.each(1, 0, 'b')
    scene.settle()
    deepEqual([again.received, again.gaps], [['b'], []])
  })

  test('is refused while the broker is away', () => {
    const scene = new GroupScene()
    scene.watch(0, 0, 'k0')
    scene.cut(0)
    deepEqual(scene.each(0, 0, 'a'), ['broker-away'])
  })
})

describe('who may have missed something that was published to the group', () => {
  test('is brought forward after an outage that the broker remembers', () => {
    const scene = new GroupScene()
    const [reader, other] = [scene.watch(0, 0, 'k0'), scene.watch(1, 0, 'k1')]
    scene.cut(0)
    for (const text of ['a', 'b']) scene.each(1, 1, text)
    scene.settle()
    deepEqual([reader.received, other.received], [[], ['a', 'b']])
    scene.heal(0)
    deepEqual([reader.received, reader.gaps], [['a', 'b'], []])
  })

  test('is told a gap once after one that was too long, and goes on', () => {
    const scene = new GroupScene()
    const [reader, other] = [scene.watch(0, 0, 'k0'), scene.watch(1, 0, 'k1')]
    scene.cut(0)
    scene.each(1, 1, 'a')
    scene.settle()
    scene.advance(80_000)
    scene.heal(0)
    scene.each(1, 1, 'b')
    scene.settle()
    deepEqual([reader.received, gapsOf(reader), reader.closedFor], [['b'], 1, undefined])
    deepEqual([other.received, gapsOf(other)], [['a', 'b'], 0])
  })

  test('is told a gap where the broker lost what it had', () => {
    const scene = new GroupScene()
    const readers = [scene.watch(0, 0, 'k0'), scene.watch(1, 0, 'k1')]
    for (const node of [0, 1]) scene.cut(node)
    for (const lane of scene.cluster.lanes) lane.restart('empty')
    for (const node of [0, 1]) scene.heal(node)
    scene.each(1, 1, 'b')
    scene.settle()
    for (const reader of readers) {
      deepEqual(reader.received, ['b'])
      ok(gapsOf(reader) > 0)
    }
  })

  test('is told a gap where its channel could not take it, and keeps its place', () => {
    const scene = new GroupScene()
    const reader = scene.watch(0, 0, 'k0')
    scene.mesh(0).publishTo(0, privateChannel(group, 'k0'), 'own')
    scene.settle()
    scene.lose('k0')
    equal(gapsOf(reader), 1)
    scene.each(1, 1, 'b')
    scene.settle()
    deepEqual([reader.received, gapsOf(reader)], [['own', 'b'], 1])
    equal(scene.counted(0, 'eachGaps'), 1)
  })

  test('is told a gap where its worker died, if somebody published to the group of late', () => {
    for (const [late, wanted] of [
      [0, 1],
      [80_000, 0],
    ] as const) {
      const scene = new GroupScene()
      const reader = scene.watch(0, 1, 'k0')
      scene.each(1, 0, 'a')
      scene.settle()
      scene.advance(late)
      scene.mesh(0).kill(0, { farewell: false })
      scene.settle()
      scene.mesh(0).start(0)
      scene.settle()
      scene.each(1, 1, 'b')
      scene.settle()
      deepEqual([late, reader.received, gapsOf(reader)], [late, ['a', 'b'], wanted])
    }
  })

  test('is told it when its wire takes something again, in front of what waits', () => {
    const scene = new GroupScene()
    const channel = privateChannel(group, 'k0')
    const reader = scene.watch(0, 1, 'k0')
    reader.writable = false
    const [first] = ['own', 'more'].map(text => {
      const outcomes = scene.mesh(0).publishTo(0, channel, text)
      scene.settle()
      return publishedOf(outcomes).offset
    })
    scene.lose('k0')
    deepEqual([reader.received, gapsOf(reader)], [['own'], 0])
    reader.writable = true
    scene.mesh(0).engines[1]?.drained(reader)
    scene.settle()
    deepEqual([reader.received, reader.gaps.map(({ offset }) => offset)], [['own', 'more'], [first]])
  })
})
